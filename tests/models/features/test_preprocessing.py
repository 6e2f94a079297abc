import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import rankdata

from data.definition.dataset import Dataset
from data.lists.parsing import RawLists, parse_lists
from models.features.fitting import fit_transform_graph
from models.features.layout import ROW_LENGTHS, Layout
from models.features.transform_graph import TransformGraph

# Ids of brands: missing, three kept values by falling frequency, one bucket for all others.
BRAND_IDS = {"": 0, "acme": 1, "łódź": 2, "zeta": 3, "rare 1": 4, "never seen": 4, "新しい": 4}


def transform(graph: TransformGraph, dataset: Dataset, lists: list[Any]) -> dict[str, np.ndarray]:
    serialized = tf.constant([one.serialized() for one in lists])
    outputs = graph(parse_lists(serialized, dataset, labels=False))
    named = Layout(dataset).named(outputs) | {ROW_LENGTHS: outputs[ROW_LENGTHS]}
    return {name: values.numpy() for name, values in named.items()}


def joined(lists: list[Any], name: str) -> np.ndarray:
    return np.concatenate([np.asarray((one.context | one.item)[name]) for one in lists])


def changed(one: Any, context: dict[str, Any] | None = None, **item: Any) -> Any:
    return one._replace(context=one.context | (context or {}), item=one.item | item)


def signed_log(values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log1p(np.abs(values))


@pytest.mark.parametrize(
    ("name", "scale"), [("price", signed_log), ("rating", np.array), ("wealth", np.array)]
)
def test_moments_are_those_of_finite_training_values(
    graph: TransformGraph, dataset: Dataset, lists: list[Any], name: str, scale: Any
) -> None:
    values = joined(lists[:200], name).astype(np.float32).astype(np.float64)
    values = scale(values)[np.isfinite(values)]
    # Two values tell both mean and deviation.
    given = np.array([3.5, 29.0]) if name == "wealth" else np.array([3.5, 5.5])
    one = lists[1]._replace(item={"rating": [4.0]})
    if name == "wealth":
        pair = [changed(one, {name: [value]}) for value in given]
    else:
        pair = [one._replace(item={name: [value]}) for value in given]
    found = transform(graph, dataset, pair)[name]
    expected = (scale(given) - values.mean()) / values.std()
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)


def test_nothing_is_nan_and_missing_values_are_indicated(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    outputs = transform(graph, dataset, lists)
    assert all(np.isfinite(values).all() for values in outputs.values())
    missing = ~np.isfinite(joined(lists, "price"))
    assert missing[0]
    np.testing.assert_array_equal(outputs["price__missing"], missing)
    assert not outputs["price"][missing].any()
    assert not outputs["price__percentile"][missing].any()
    assert not outputs["price__standardised"][missing].any()


def test_an_indicator_that_training_never_saw_stays_off(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    items = len(lists[1].item["rating"])
    outputs = transform(graph, dataset, [changed(lists[1], rating=[math.nan] * items)])
    assert not outputs["rating__missing"].any()
    assert not outputs["rating"].any()


def test_within_list_versions_go_by_raw_values(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    outputs = transform(graph, dataset, lists)
    first = 0
    for one in lists:
        price = np.asarray(one.item["price"], np.float32)
        found = outputs["price__percentile"][first : first + len(price)]
        known = np.isfinite(price)
        expected = np.zeros(len(price))
        expected[known] = (rankdata(price[known]) - 0.5) / max(known.sum(), 1) - 0.5
        np.testing.assert_allclose(found, math.sqrt(12) * expected, atol=1e-6)
        first += len(price)


def test_row_lengths(graph: TransformGraph, dataset: Dataset, lists: list[Any]) -> None:
    lengths = [len(one.item["rating"]) for one in lists]
    assert transform(graph, dataset, lists)["row__lengths"].tolist() == lengths


def test_categories_new_empty_and_not_ascii(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    brands = list(BRAND_IDS)
    one = lists[1]._replace(item={"brand": brands})
    assert transform(graph, dataset, [one])["brand"].tolist() == list(BRAND_IDS.values())
    assert graph.sizes["brand"] == 1 + 3 + 1


def test_a_missing_region_is_an_unknown_one(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    several = [changed(lists[1], {"region": [name]}) for name in ("DE", "JP", "", "FR")]
    assert transform(graph, dataset, several)["region"].tolist() == [0, 1, 2, 2]
    assert graph.sizes["region"] == 2 + 1


def test_buckets_with_given_boundaries(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    nights = [math.nan, -1.0, 1.9, 2.0, 4.9, 5.0, math.inf]
    several = [changed(lists[1], {"nights": [value]}) for value in nights]
    # missing | below 2 | 2 to 5 | 5 and more; infinite counts as missing.
    assert transform(graph, dataset, several)["nights"].tolist() == [0, 1, 1, 2, 2, 3, 0]
    assert graph.sizes["nights"] == 1 + 3


def test_buckets_by_quantiles_hold_about_as_many_values_each(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    ids = transform(graph, dataset, lists[:200])["age"]
    shares = np.bincount(ids, minlength=5) / len(ids)
    assert graph.sizes["age"] == 1 + 4
    np.testing.assert_allclose(shares, [0, 0.25, 0.25, 0.25, 0.25], atol=0.02)


def test_vectors_are_standardised_by_dimension_and_missing_as_a_whole(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    trained = joined(lists[:200], "image").astype(np.float32).reshape(-1, 2).astype(np.float64)
    one = lists[1]._replace(item={"image": [1.0, 2.0, math.nan, 2.0]})
    outputs = transform(graph, dataset, [one])
    expected = (np.array([1.0, 2.0]) - trained.mean(axis=0)) / trained.std(axis=0)
    image = np.stack([outputs["image[0]"], outputs["image[1]"]], axis=1)
    np.testing.assert_allclose(image, [expected, [0, 0]], rtol=1e-5, atol=1e-6)
    # No vector was missing in training, so the indicator stays off.
    assert outputs["image__missing"].tolist() == [0, 0]


def test_a_huge_value_stays_bounded(
    graph: TransformGraph, dataset: Dataset, lists: list[Any]
) -> None:
    one = lists[1]._replace(item={"rating": [3e38, -3e38], "price": [3e38, 1.0]})
    outputs = transform(graph, dataset, [one])
    assert outputs["rating"].tolist() == [10, -10]
    np.testing.assert_allclose(outputs["price__standardised"], [1, -1], rtol=1e-5)


def test_no_lists(graph: TransformGraph, dataset: Dataset) -> None:
    outputs = graph(parse_lists(tf.zeros([0], tf.string), dataset, labels=False))
    assert all(values.shape[0] == 0 for values in outputs.values())


BROKEN = ["good\nnews", "bad\rold", "back\\slash", r"good\nnews"]


@pytest.mark.parametrize("values", [BROKEN, ["acme"]])
def test_every_text_is_a_category_of_its_own(tmp_path: Path, values: list[str]) -> None:
    """Line breaks, and texts that look like what stands for a line break in the vocabulary."""
    feature = {"name": "brand", "scope": "item", "kind": "categorical"}
    feature |= {"out_of_vocabulary_buckets": 7}
    definition = {"name": "shop", "list_id": "id", "tasks": [{"name": "click", "grade": 1}]}
    dataset = Dataset.model_validate({**definition, "features": [feature]})
    with tf.io.TFRecordWriter(str(tmp_path / "lists")) as writer:
        for place, value in enumerate(values):
            brands = tf.train.BytesList(value=[value.encode()] * (9 - place))
            features = tf.train.Features(feature={"brand": tf.train.Feature(bytes_list=brands)})
            writer.write(tf.train.Example(features=features).SerializeToString())
    folder = str(tmp_path / "graph")
    fit_transform_graph(dataset, [str(tmp_path / "lists")], folder, str(tmp_path / "scratch"))
    graph = TransformGraph(dataset, folder)
    assert graph.vocabularies() == {"brand": [value.encode() for value in values]}
    known, buckets = 1 + len(values), 7
    assert graph.sizes == {"brand": known + buckets}
    # Unknown texts go by the hash of what they are, not of the line that a file would have.
    unknown = ["never\nseen", "a\\never", "never"]
    hashed = tf.strings.to_hash_bucket_fast(unknown, buckets).numpy()
    served = [*values, "", *unknown]
    lists = RawLists({}, {"brand": tf.constant(served)}, tf.constant([len(served)], tf.int64))
    ids = graph(lists)["item__ids"][:, 0].numpy().tolist()
    assert ids == [*range(1, known), 0, *(known + hashed)]
