import json
import math
import os
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


def ranked(ranker: Ranker, lists: list[Any]) -> dict[str, np.ndarray]:
    return ranker([one.serialized() for one in lists], lengths_of(lists))


def lengths_of(lists: list[Any]) -> np.ndarray:
    return np.array([len(one.item["rating"]) for one in lists], np.int64)


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
    monkeypatch: pytest.MonkeyPatch,
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
    # Several batches, and lists of all lengths among each other.
    monkeypatch.setattr("models.serving._LISTS_AT_ONCE", 64)
    found = ranked(ranker, lists)
    plainly = [by_plain_tensors(exported, one, dataset) for one in lists]
    for name in OUTPUTS:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)
        joined = np.concatenate([outputs[name] for outputs in plainly])
        np.testing.assert_allclose(joined, expected[name], atol=1e-5)


def test_outputs_are_descending_probabilities_and_their_blend(
    ranker: Ranker, lists: list[Any]
) -> None:
    outputs = ranked(ranker, lists)
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
    alone = ranked(ranker, lists[3:4])["score"]
    among = ranked(ranker, lists[:40])["score"]
    first = lengths_of(lists[:3]).sum()
    np.testing.assert_allclose(among[first : first + len(alone)], alone, atol=1e-6)


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


def test_no_list_at_all(exported: Any, ranker: Ranker) -> None:
    outputs = exported.signatures["serve_examples"](examples=tf.zeros([0], tf.string))
    assert all(values.shape[0] == 0 for values in outputs.values())
    assert {name: len(values) for name, values in ranked(ranker, []).items()} == dict.fromkeys(
        OUTPUTS, 0
    )


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
    pair = [absent.serialized(), missing.serialized()]
    found = ranker(pair, np.array([items, items]))["score"]
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
    ranker: Ranker,
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
        answer = subprocess.run(
            [sys.executable, "-c", ALONE, str(moved), records, json.dumps(first)],
            capture_output=True,
            text=True,
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


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no saved_model\.pb"):
        load_ranker(str(tmp_path))


class PriceRanker(tf.Module):
    """Scores an item by its price, as it is."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {"price": tf.io.RaggedFeature(tf.float32)}
        prices = tf.io.parse_example(examples, spec)["price"]
        return {"score": prices.to_tensor(math.nan)}


@pytest.mark.parametrize(
    ("prices", "items", "fault"),
    [
        ([1.0, math.nan, 3.0], 3, "each of the 3 items of list 'list 1', found nan at place 2"),
        ([1.0, 2.0, math.inf], 3, "found inf at place 3"),
        ([1.0, 2.0], 3, "found nan at place 3"),
        ([1.0, 2.0, 3.0], 2, r"each of the 2 items of list 'list 1', found 3\.0 at place 3"),
    ],
)
def test_a_number_that_is_missing_shifts_no_other(
    tmp_path: Path, lists: list[Any], prices: list[float], items: int, fault: str
) -> None:
    module = PriceRanker()
    signatures = {"serve_examples": module.serve_examples}
    tf.saved_model.save(module, str(tmp_path), signatures=signatures)
    ranker = load_ranker(str(tmp_path))
    examples = [
        with_items(lists[0], price=[7.0, 8.0, 9.0, 10.0]).serialized(),
        with_items(lists[1], price=prices).serialized(),
    ]
    with pytest.raises(InputError, match=fault):
        ranker(examples, np.array([4, items]))
    assert ranker(examples[:1], np.array([4]))["score"].tolist() == [7, 8, 9, 10]
