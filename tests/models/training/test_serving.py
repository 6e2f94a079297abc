import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import yaml

from data.dataset import Dataset
from data.errors import InputError
from data.parsing import parse_lists
from data.region_split import FeatureSplit
from models.config import ModelConfig, TrainingConfig
from models.ranking_model import RankingModel
from models.serving import Ranker, load_ranker
from models.transform_graph import TransformGraph

OUTPUTS = ("probability_click", "probability_order", "score")


@pytest.fixture(scope="module")
def exported(trained: Path) -> Any:
    return tf.saved_model.load(str(trained / "model"))


@pytest.fixture(scope="module")
def ranker(trained: Path) -> Ranker:
    return load_ranker(str(trained / "model"))


def plain(one: Any, dataset: Dataset) -> dict[str, tf.Tensor]:
    """A list as the inputs of `serving_default`."""
    values = one.context | one.item
    inputs = {}
    for feature in dataset.features:
        value = tf.constant(values[feature.name], tf.string if feature.is_text else tf.float32)
        inputs[feature.name] = tf.reshape(value, [-1, feature.length]) if feature.length else value
    return inputs


def by_plain_tensors(exported: Any, one: Any, dataset: Dataset) -> dict[str, np.ndarray]:
    outputs = exported.signatures["serving_default"](**plain(one, dataset))
    return {name: values.numpy() for name, values in outputs.items()}


def with_items(one: Any, **item: Any) -> Any:
    return one._replace(item={**one.item, **item})


def longest(lists: list[Any]) -> Any:
    return max(lists, key=lambda one: len(one.item["rating"]))


def test_signatures_name_the_features(exported: Any, dataset: Dataset) -> None:
    assert set(exported.signatures) == {"serving_default", "serve_examples"}
    inputs = exported.signatures["serving_default"].structured_input_signature[1]
    assert {name: spec.dtype for name, spec in inputs.items()} == {
        feature.name: tf.string if feature.is_text else tf.float32 for feature in dataset.features
    }
    shapes = {name: spec.shape.as_list() for name, spec in inputs.items()}
    assert shapes["wealth"] == [1]
    assert shapes["price"] == [None]
    assert shapes["image"] == [None, 2]
    for signature in exported.signatures.values():
        assert set(signature.structured_outputs) == set(OUTPUTS)


def test_all_ways_give_the_numbers_of_the_trained_weights(
    exported: Any,
    ranker: Ranker,
    dataset: Dataset,
    graph: TransformGraph,
    build_model: Callable[..., RankingModel],
    trained: Path,
    lists: list[Any],
) -> None:
    extra = trained / "model" / "assets.extra"
    training = yaml.safe_load((extra / "training.yaml").read_text())
    model = build_model(training, yaml.safe_load((extra / "model.yaml").read_text()))
    serialized = [one.serialized() for one in lists]
    batch = graph(parse_lists(tf.constant(serialized), dataset, labels=False))
    model(batch)
    for variable, weight in zip(model.variables, exported.weights, strict=True):
        variable.assign(weight)
    predictions = model(batch, training=False)
    expected = dict(
        zip(OUTPUTS, [*predictions.probabilities.numpy().T, predictions.score.numpy()], strict=True)
    )
    found = ranker(serialized)
    plainly = [by_plain_tensors(exported, one, dataset) for one in lists]
    for name in OUTPUTS:
        np.testing.assert_allclose(found.outputs[name], expected[name], atol=1e-5)
        joined = np.concatenate([outputs[name] for outputs in plainly])
        np.testing.assert_allclose(joined, expected[name], atol=1e-5)
    assert found.row_lengths.tolist() == [len(one.item["rating"]) for one in lists]


def test_outputs_are_descending_probabilities_and_their_blend(
    ranker: Ranker, lists: list[Any]
) -> None:
    outputs = ranker([one.serialized() for one in lists]).outputs
    click, order, score = (outputs[name] for name in OUTPUTS)
    assert ((click > 0) & (click < 1)).all()
    assert (order <= click + 1e-6).all()
    # Gains of grades 1 and 2: 1 and 3.
    np.testing.assert_allclose(score, (click + 3 * order) / 4, rtol=1e-5)
    assert np.unique(score).size > len(lists)


def test_examples_are_answered_in_rows_padded_with_nan(exported: Any, lists: list[Any]) -> None:
    serialized = tf.constant([one.serialized() for one in lists[:10]])
    lengths = np.array([len(one.item["rating"]) for one in lists[:10]])
    outputs = exported.signatures["serve_examples"](examples=serialized)
    padding = np.arange(lengths.max()) >= lengths[:, np.newaxis]
    for values in outputs.values():
        np.testing.assert_array_equal(np.isnan(values), padding)


def test_items_in_another_order_get_the_same_scores(
    exported: Any, dataset: Dataset, lists: list[Any]
) -> None:
    one = longest(lists)
    items = len(one.item["rating"])
    order = np.random.default_rng(5).permutation(items)
    turned = {
        name: np.asarray(values).reshape(items, -1)[order].ravel().tolist()
        for name, values in one.item.items()
    }
    found = by_plain_tensors(exported, one, dataset)
    again = by_plain_tensors(exported, with_items(one, **turned), dataset)
    for name in OUTPUTS:
        np.testing.assert_allclose(again[name], found[name][order], atol=1e-6)


def test_other_lists_change_nothing(ranker: Ranker, lists: list[Any]) -> None:
    alone = ranker([lists[3].serialized()]).outputs["score"]
    among = ranker([one.serialized() for one in lists[:40]])
    first = among.row_lengths[:3].sum()
    np.testing.assert_allclose(among.outputs["score"][first : first + len(alone)], alone, atol=1e-6)


@pytest.mark.parametrize("items", [0, 1, 200, 5000])
def test_any_number_of_candidates_is_answered_in_order(
    exported: Any, dataset: Dataset, lists: list[Any], items: int
) -> None:
    one = longest(lists)
    present = len(one.item["rating"])
    many = {
        name: np.resize(np.asarray(values).reshape(present, -1), (items, len(values) // present))
        .ravel()
        .tolist()
        for name, values in one.item.items()
    }
    outputs = by_plain_tensors(exported, with_items(one, **many), dataset)
    for values in outputs.values():
        assert values.shape == (items,)
        assert np.isfinite(values).all()
        # The same item again has the same score.
        np.testing.assert_allclose(
            values[present:], values[:-present][: len(values[present:])], atol=1e-5
        )


def test_no_list_at_all(exported: Any) -> None:
    outputs = exported.signatures["serve_examples"](examples=tf.zeros([0], tf.string))
    assert all(values.shape[0] == 0 for values in outputs.values())


def test_new_brands_score_alike_and_finite(
    exported: Any, dataset: Dataset, lists: list[Any]
) -> None:
    one = with_items(
        lists[1],
        price=[20.0] * 4,
        rating=[4.0] * 4,
        age=[3.0] * 4,
        image=[0.5] * 8,
        brand=["unheard of", "新しい", "", "acme"],
    )
    score = by_plain_tensors(exported, one, dataset)["score"]
    assert np.isfinite(score).all()
    assert score[0] == score[1]
    assert score[0] != score[3]


def test_a_new_region_is_scored_as_a_missing_one(
    exported: Any, dataset: Dataset, lists: list[Any]
) -> None:
    one = longest(lists)
    scores = [
        by_plain_tensors(
            exported, one._replace(context={**one.context, "region": [name]}), dataset
        )["score"]
        for name in ("XX", "", "DE")
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.allclose(scores[0], scores[2])


@pytest.mark.parametrize("strange", [math.inf, -math.inf])
def test_an_infinite_price_scores_as_a_missing_one(
    exported: Any, dataset: Dataset, lists: list[Any], strange: float
) -> None:
    one = longest(lists)
    price = [10.0 + number for number in range(len(one.item["rating"]))]
    missing = by_plain_tensors(exported, with_items(one, price=[math.nan, *price[1:]]), dataset)
    found = by_plain_tensors(exported, with_items(one, price=[strange, *price[1:]]), dataset)
    for name in OUTPUTS:
        assert np.isfinite(found[name]).all()
        np.testing.assert_array_equal(found[name], missing[name])


def test_absent_features_score_as_missing_ones(ranker: Ranker, lists: list[Any]) -> None:
    one = longest(lists)
    items = len(one.item["rating"])
    missing = one._replace(
        context={**one.context, "region": [""], "wealth": [math.nan]},
        item={**one.item, "brand": [""] * items, "image": [math.nan] * 2 * items},
    )
    absent = one._replace(
        context={"nights": one.context["nights"]},
        item={name: one.item[name] for name in ("price", "rating", "age")},
    )
    found = ranker([absent.serialized(), missing.serialized()]).outputs["score"]
    np.testing.assert_allclose(found[:items], found[items:], atol=1e-6)


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


ALONE = """
import json, sys
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
lists = list(tf.data.TFRecordDataset(sys.argv[2]).as_numpy_iterator())
outputs = model.signatures["serve_examples"](examples=tf.constant(lists))
ours = [name for name in ("models", "data", "tensorflow_transform", "tfx") if name in sys.modules]
print(json.dumps({"score": outputs["score"].numpy().tolist(), "ours": ours}))
"""


def test_tensorflow_alone_serves_a_moved_folder(
    tmp_path: Path,
    trained: Path,
    ranker: Ranker,
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
    try:
        answer = subprocess.run(
            [sys.executable, "-c", ALONE, str(moved), records],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
    finally:
        hidden.rename(trained / "model")
    found = json.loads(answer.stdout.splitlines()[-1])
    assert found["ours"] == []
    score = np.array(found["score"])
    expected = ranker([one.serialized() for one in lists[:8]]).outputs["score"]
    np.testing.assert_allclose(score[~np.isnan(score)], expected, atol=1e-5)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no saved_model\.pb"):
        load_ranker(str(tmp_path))
