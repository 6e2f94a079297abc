import math

import numpy as np
import pytest
import tensorflow as tf

from data.definition.dataset import Dataset
from data.lists.parsing import parse_lists, parse_plain, parse_served, raw_feature_spec

FEATURES = [
    {"name": "region", "scope": "context", "kind": "categorical"},
    {"name": "origin", "scope": "context", "kind": "vector", "length": 2},
    {"name": "price", "scope": "item", "kind": "numeric"},
    {"name": "brand", "scope": "item", "kind": "categorical"},
    {"name": "image", "scope": "item", "kind": "vector", "length": 2},
]


def dataset(features: list[dict]) -> Dataset:
    tasks = [{"name": "click", "grade": 1}]
    return Dataset.model_validate(
        {"name": "small", "list_id": "id", "tasks": tasks, "features": features}
    )


def serialized(**features: list) -> bytes:
    encoded = {}
    for name, values in features.items():
        if isinstance(values[0], str):
            texts = tf.train.BytesList(value=[value.encode() for value in values])
            encoded[name] = tf.train.Feature(bytes_list=texts)
        else:
            numbers = tf.train.FloatList(value=values)
            encoded[name] = tf.train.Feature(float_list=numbers)
    return tf.train.Example(features=tf.train.Features(feature=encoded)).SerializeToString()


WHOLE = {
    "region": ["DE"],
    "origin": [1.0, 2.0],
    "price": [3.0, 4.0],
    "brand": ["a", "ü"],
    "image": [1.0, 2.0, 3.0, 4.0],
}


def test_spec_sees_every_key_at_any_length() -> None:
    spec = raw_feature_spec(dataset(FEATURES), labels=True)
    assert set(spec) == {*WHOLE, "label_click", "list_weight"}
    assert all(isinstance(one, tf.io.VarLenFeature) for one in spec.values())


def test_whole_lists_are_flat() -> None:
    other = {**WHOLE, "price": [5.0], "brand": [""], "image": [5.0, 6.0]}
    examples = [serialized(**WHOLE), serialized(**other)]
    lists = parse_lists(tf.constant(examples), dataset(FEATURES), labels=False)
    assert lists.row_lengths.numpy().tolist() == [2, 1]
    assert lists.item["price"].numpy().tolist() == [3, 4, 5]
    assert lists.item["brand"].numpy().tolist() == [b"a", "ü".encode(), b""]
    assert lists.item["image"].numpy().tolist() == [1, 2, 3, 4, 5, 6]
    assert lists.context["origin"].numpy().tolist() == [[1, 2], [1, 2]]


def test_absent_features_are_missing() -> None:
    without = {"price": [5.0, 6.0, 7.0]}
    examples = [serialized(**without), serialized(**WHOLE)]
    lists = parse_lists(tf.constant(examples), dataset(FEATURES), labels=False)
    assert lists.row_lengths.numpy().tolist() == [3, 2]
    assert lists.item["price"].numpy().tolist() == [5, 6, 7, 3, 4]
    assert lists.item["brand"].numpy().tolist() == [b"", b"", b"", b"a", "ü".encode()]
    image = lists.item["image"].numpy()
    assert np.isnan(image[:6]).all()
    assert image[6:].tolist() == [1, 2, 3, 4]
    assert lists.context["region"].numpy().tolist() == [b"", b"DE"]
    assert np.isnan(lists.context["origin"].numpy()[0]).all()


def test_labels_weights_and_ids() -> None:
    labelled = {**WHOLE, "label_click": [1.0, math.nan], "list_weight": [2.0], "list_id": ["x"]}
    examples = [serialized(**labelled), serialized(**WHOLE)]
    lists = parse_lists(tf.constant(examples), dataset(FEATURES), labels=True)
    np.testing.assert_array_equal(lists.item["label_click"], [1, math.nan, math.nan, math.nan])
    assert lists.context["list_weight"].numpy().tolist() == [2, 1]
    assert lists.context["list_id"].numpy().tolist() == [b"x", b""]


@pytest.mark.parametrize(
    "partly", [{"brand": ["a"]}, {"image": [1.0, 2.0]}, {"image": [1.0, 2.0, 3.0]}]
)
def test_a_feature_of_some_items_only_is_refused(partly: dict) -> None:
    example = serialized(**{**WHOLE, **partly})
    with pytest.raises(tf.errors.InvalidArgumentError, match=next(iter(partly))):
        parse_lists(tf.constant([example]), dataset(FEATURES), labels=False)


def test_equal_totals_do_not_hide_misaligned_lists() -> None:
    short, long = {**WHOLE, "price": [1.0]}, {**WHOLE, "price": [1.0, 2.0, 3.0]}
    with pytest.raises(tf.errors.InvalidArgumentError, match="price"):
        parse_lists(
            tf.constant([serialized(**short), serialized(**long)]), dataset(FEATURES), labels=False
        )


MALFORMED = {
    "too few items": {"brand": ["a"]},
    "half a vector": {"image": [1.0, 2.0, 3.0]},
    "two regions": {"region": ["US", "NO"]},
    "a context vector cut off": {"origin": [1.0]},
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_list_is_served_without_items_and_spares_the_others(fault: str) -> None:
    without = {"price": [5.0, 6.0, 7.0]}
    wrong = {**WHOLE, **MALFORMED[fault]}
    examples = [serialized(**one) for one in (WHOLE, wrong, without, WHOLE)]
    found = parse_served(tf.constant(examples), dataset(FEATURES))
    assert found.row_lengths.numpy().tolist() == [2, 0, 3, 2]
    others = tf.constant([examples[place] for place in (0, 2, 3)])
    expected = parse_lists(others, dataset(FEATURES), labels=False)
    for name, values in expected.item.items():
        np.testing.assert_array_equal(found.item[name], values)
    for name, values in expected.context.items():
        np.testing.assert_array_equal(tf.gather(found.context[name], [0, 2, 3]), values)


def test_whole_lists_are_served_as_they_are() -> None:
    examples = tf.constant([serialized(**WHOLE), serialized(price=[5.0])])
    found, expected = (
        parse_served(examples, dataset(FEATURES)),
        parse_lists(examples, dataset(FEATURES), labels=False),
    )
    for part in ("context", "item"):
        for name, values in getattr(expected, part).items():
            np.testing.assert_array_equal(getattr(found, part)[name], values)


PLAIN = {
    "region": ["DE"],
    "origin": [[1.0, 2.0]],
    "price": [3.0, 4.0],
    "brand": ["a", "b"],
    "image": [[1.0, 2.0], [3.0, 4.0]],
}


@pytest.mark.parametrize(
    ("wrong", "counts"),
    [
        # In order: price, brand, image and its length, region, origin and its length.
        ({"price": [1.0]}, "[1 2 2 2 1 1 2]"),
        ({"brand": ["a"]}, "[2 1 2 2 1 1 2]"),
        ({"region": ["US", "NO"]}, "[2 2 2 2 2 1 2]"),
        ({"region": []}, "[2 2 2 2 0 1 2]"),
        ({"image": [[1.0], [3.0]]}, "[2 2 2 1 1 1 2]"),
        ({"price": [[3.0], [4.0]]}, "[2 1 2 2 2 1 1 2]"),
    ],
)
def test_plain_values_of_another_number_are_refused_by_name(wrong: dict, counts: str) -> None:
    def tensors(values: dict) -> dict[str, tf.Tensor]:
        texts = ("region", "brand")
        return {
            name: tf.constant(one, tf.string if name in texts else tf.float32)
            for name, one in values.items()
        }

    lists = parse_plain(tensors(PLAIN), dataset(FEATURES))
    for name, values in (lists.context | lists.item).items():
        expected = np.ravel(PLAIN[name]) if name == "image" else tensors(PLAIN)[name]
        np.testing.assert_array_equal(values, expected)
    assert lists.row_lengths.numpy().tolist() == [2]
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected as many rows") as error:
        parse_plain(tensors({**PLAIN, **wrong}), dataset(FEATURES))
    assert next(iter(wrong)) in str(error.value)
    assert counts in str(error.value)
