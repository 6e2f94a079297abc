"""Lists that are rare in logs and valid all the same; a model must have a score for each item."""

import numpy as np
import tensorflow as tf

from data.dataset import Dataset
from data.feature import Feature

# What a list's features hold: float32 or object (bytes), a row an item or a single one.
Columns = dict[str, np.ndarray]

_MANY = 1000
_SOME = 25
_LARGEST = float(np.finfo(np.float32).max)


def unusual_lists(dataset: Dataset, example: bytes) -> dict[str, bytes]:
    """Makes unusual lists of a usual one.

    Args:
        dataset: the features.
        example: a serialized list.

    Returns:
        Serialized lists by what is unusual about them.
    """
    columns = _columns(dataset, example)
    some = _with_items(dataset, columns, _SOME)
    changed = {
        "one item": _with_items(dataset, columns, 1),
        f"{_MANY:,} items": _with_items(dataset, columns, _MANY),
        "equal items": _with_items(dataset, _with_items(dataset, columns, 1), _SOME),
        "no value known": _replaced(some, text=b"", numbers=(np.nan,)),
        "texts never seen": _replaced(some, text="☃ never seen".encode()),
        "numbers as large as can be": _replaced(some, numbers=(_LARGEST, -_LARGEST)),
        "infinite numbers": _replaced(some, numbers=(np.inf, -np.inf)),
        "zeros": _replaced(some, numbers=(0.0,)),
    }
    return {name: _serialized(one) for name, one in changed.items()}


def long_list(dataset: Dataset, example: bytes, items: int) -> bytes:
    """A list with the items of another one, again and again, up to a number."""
    return _serialized(_with_items(dataset, _columns(dataset, example), items))


def number_of_items(dataset: Dataset, example: bytes) -> int:
    """Items of a serialized list."""
    first = dataset.item_features[0]
    return len(_columns(dataset, example)[first.name])


def _columns(dataset: Dataset, example: bytes) -> Columns:
    features = tf.train.Example.FromString(example).features.feature
    return {one.name: _values(one, features[one.name]) for one in dataset.features}


def _values(feature: Feature, values: tf.train.Feature) -> np.ndarray:
    if feature.is_text:
        return np.array(list(values.bytes_list.value), object)
    return np.array(values.float_list.value, np.float32).reshape(-1, feature.length or 1)


def _with_items(dataset: Dataset, columns: Columns, items: int) -> Columns:
    changed = dict(columns)
    for feature in dataset.item_features:
        values = columns[feature.name]
        changed[feature.name] = values[np.arange(items) % len(values)]
    return changed


def _replaced(
    columns: Columns, text: bytes | None = None, numbers: tuple[float, ...] = ()
) -> Columns:
    """One text for all texts, and numbers one after the other; columns stay where none is given."""
    changed = dict(columns)
    for name, column in columns.items():
        if column.dtype == object:
            changed[name] = column if text is None else np.full(len(column), text, object)
        elif numbers:
            changed[name] = np.resize(numbers, column.shape)
    return changed


def _serialized(columns: Columns) -> bytes:
    features = {}
    for name, column in columns.items():
        if column.dtype == object:
            features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=column))
        else:
            floats = tf.train.FloatList(value=column.ravel())
            features[name] = tf.train.Feature(float_list=floats)
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()
