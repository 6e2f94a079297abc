"""Models of datasets of the catalog answer the same as ONNX, be they trained or not."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.lists.examples import plain_example
from data.loading import catalog_names, load_dataset
from models.config import ModelConfig, TrainingConfig
from models.features.fitting import fit_transform_graph
from models.onnx_export.export import export_onnx
from models.serving.drawn_lists import draw_list
from models.training.run_fn import run_fn

LISTS, MOST_ITEMS = 40, 12
WORDS = [b"one", b"two", b"drei, oder vier", "五".encode(), b"back\\slash", b"li\nne"]


# The buckets beyond the vocabulary; categories go by text where it is one, else by id. Between them
# these have features of every kind and scope that the catalog has.
DATASETS = {"simulated": 1, "trivago": 3}


def scopes_and_kinds(name: str) -> set[tuple[str, str]]:
    return {(one.scope, one.kind) for one in load_dataset(name).features}


def test_they_have_all_that_the_catalog_has() -> None:
    whole = set().union(*map(scopes_and_kinds, catalog_names()))
    assert set().union(*map(scopes_and_kinds, DATASETS)) == whole


def write_lists(dataset: Dataset, path: Path) -> str:
    generator = np.random.default_rng(1)
    words: Mapping[str, Sequence[bytes]] = {f.name: WORDS for f in dataset.categorical_features}
    with tf.io.TFRecordWriter(str(path)) as writer:
        for _ in range(LISTS):
            items = int(generator.integers(1, MOST_ITEMS))
            writer.write(plain_example(draw_list(dataset, words, items, generator)))
    return str(path)


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "buckets"), DATASETS.items())
def test_answers_of_both_are_equal(name: str, buckets: int, tmp_path: Path) -> None:
    defined = load_dataset(name)
    dataset = defined.model_copy(
        update={
            "features": tuple(
                one.model_copy(update={"out_of_vocabulary_buckets": buckets})
                if one.kind == "categorical"
                else one
                for one in defined.features
            )
        }
    )
    lists = write_lists(dataset, tmp_path / "lists")
    fit_transform_graph(dataset, [lists], str(tmp_path / "graph"), str(tmp_path / "scratch"))
    others = tuple(f.name for f in dataset.features if f.name not in dataset.country_features)
    split = FeatureSplit(country=dataset.country_features, invariant=others)
    split.save(tmp_path / "split.json")
    definitions = {"dataset": dataset, "model": ModelConfig(), "training": TrainingConfig(epochs=0)}
    config = {key: value.model_dump(mode="json") for key, value in definitions.items()}
    run_fn(
        SimpleNamespace(
            train_files=[lists],
            eval_files=[lists],
            transform_graph_path=str(tmp_path / "graph"),
            serving_model_dir=str(tmp_path / "model"),
            model_run_dir=str(tmp_path / "run"),
            custom_config={**config, "region_split": str(tmp_path / "split.json")},
        )
    )
    written = export_onnx(tmp_path / "model", tmp_path / "onnx", False)
    assert written.apart < 1e-5
    by_id = () if buckets == 1 else tuple(f.name for f in dataset.categorical_features)
    assert written.by_id == by_id
