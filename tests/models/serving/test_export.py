"""What an exported model brings along, and what it needs: TensorFlow alone."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from data.artifacts.calibration import Calibration
from data.artifacts.model_folder import ExtraFiles
from data.artifacts.region_split import FeatureSplit
from data.artifacts.served_answer import ExportedModel
from data.definition.dataset import Dataset
from models.config import ModelConfig, TrainingConfig
from tests import processes
from tests.models.conftest import QUICK_MODEL
from tests.models.serving.answers import ranked


def test_definitions_go_along(trained: Path, dataset: Dataset, split: FeatureSplit) -> None:
    extra = trained / "model" / "assets.extra"
    read = {
        name: yaml.safe_load((extra / f"{name}.yaml").read_text())
        for name in ("dataset", "model", "training")
    }
    assert Dataset.model_validate(read["dataset"]) == dataset
    assert ModelConfig.model_validate(read["model"]).dropout == 0.1
    assert TrainingConfig.model_validate(read["training"]).averaged_weights == 0.9
    assert FeatureSplit.load(extra / "region_split.json") == split


UNTRAINED = {"epochs": 0, "score_weights": {"click": 1}, "warm_up": ()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, train: Callable[..., Path]) -> Path:
    """A model without calibration and warm-up requests."""
    folder = tmp_path_factory.mktemp("plain")
    return train(folder, {**UNTRAINED, "calibrated": False}, QUICK_MODEL)


def test_no_requests_to_warm_up_where_none_are_asked_for(plain: Path, trained: Path) -> None:
    written = [Path(ExtraFiles(str(one / "model")).warm_up).exists() for one in (plain, trained)]
    assert written == [False, True]


def test_probabilities_are_the_networks_own_where_that_is_asked_for(
    tmp_path: Path, train: Callable[..., Path], plain: Path, lists: list[Any]
) -> None:
    calibrated = train(tmp_path / "calibrated", UNTRAINED, QUICK_MODEL)
    assert Calibration.of_model(str(plain / "model")) is None
    calibration = Calibration.of_model(str(calibrated / "model"))
    assert calibration is not None
    before, after = (
        ranked(ExportedModel(str(folder / "model")), lists) for folder in (plain, calibrated)
    )
    # An untrained network says about one in two.
    regions = [one.context["region"][0] for one in lists for _ in one.item["rating"]]
    undone = calibration.undone("click", after["probability_click"], {"region": regions})
    np.testing.assert_allclose(undone, before["probability_click"], atol=1e-5)
    labels = np.concatenate([one.item["label_click"] for one in lists])
    gaps = [abs(one["probability_click"].mean() - labels.mean()) for one in (before, after)]
    assert gaps[1] < 0.5 * gaps[0]


ALONE = """
import json, sys
names = "models data components pipeline tfx tfx_bsl tensorflow_transform tf_keras".split()
names += ["tensorflow_ranking", "tensorflow_recommenders", "tensorflow_serving"]

class TensorFlowAlone:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in names:
            raise ImportError(name + " is not there")

sys.meta_path.insert(0, TensorFlowAlone())
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
lists = list(tf.data.TFRecordDataset(sys.argv[2]).as_numpy_iterator())
outputs = model.signatures["serve_examples"](examples=tf.constant(lists))
specs = model.signatures["serving_default"].structured_input_signature[1]
first = json.loads(sys.argv[3])
inputs = {name: tf.constant(first[name], spec.dtype) for name, spec in specs.items()}
plain = model.signatures["serving_default"](**inputs)["score"].numpy().tolist()
print(json.dumps({"score": outputs["score"].numpy().tolist(), "plain": plain}))
"""


def test_tensorflow_alone_serves_a_moved_folder(
    tmp_path: Path,
    trained: Path,
    ranker: ExportedModel,
    dataset: Dataset,
    lists: list[Any],
    write_lists: Callable[..., str],
) -> None:
    moved = shutil.copytree(trained / "model", tmp_path / "elsewhere" / "7")
    hidden = trained / "hidden"
    (trained / "model").rename(hidden)
    unlabelled = [
        one._replace(
            context={name: one.context[name] for name in ("region", "wealth", "nights")},
            item={name: one.item[name] for name in one.item if not name.startswith("label_")},
        )
        for one in lists[:8]
    ]
    records = write_lists(tmp_path / "lists", unlabelled)
    values = lists[0].context | lists[0].item
    first = {
        feature.name: np.reshape(values[feature.name], (-1, feature.length)).tolist()
        if feature.length
        else values[feature.name]
        for feature in dataset.features
    }
    # With the variable, TensorFlow itself looks for tf_keras.
    environment = {name: os.environ[name] for name in os.environ if name != "TF_USE_LEGACY_KERAS"}
    try:
        answer = processes.run(
            [sys.executable, "-c", ALONE, str(moved), records, json.dumps(first)],
            check=True,
            cwd=tmp_path,
            env=environment,
        )
    finally:
        hidden.rename(trained / "model")
    found = json.loads(answer.stdout.splitlines()[-1])
    score = np.array(found["score"])
    expected = ranked(ranker, lists[:8])["score"]
    np.testing.assert_allclose(score[~np.isnan(score)], expected, atol=1e-5)
    plainly = expected[: len(found["plain"])]
    np.testing.assert_allclose(found["plain"], plainly, atol=1e-5)
    assert len(plainly) == len(lists[0].item["rating"])
