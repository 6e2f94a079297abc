"""Which items have which features, where lists mix kinds of items."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature

# Key of the kinds of items among what the transform graph puts out.
KINDS = "item__kinds"


def kinds_of_items(dataset: Dataset, inputs: Mapping[str, tf.SparseTensor]) -> tf.Tensor | None:
    """The kind of each item.

    Args:
        dataset: names the kinds.
        inputs: raw lists, a SparseTensor [B, values] by key.

    Returns:
        float [N, K], 1 at the item's kind in the order of `dataset.kinds`; 0 throughout for other
        kinds and where it is missing. None where no feature names kinds.
    """
    if not dataset.kinds:
        return None
    assert dataset.kind_feature is not None
    values = inputs[dataset.kind_feature.name].values
    return tf.cast(tf.stack([values == kind for kind in dataset.kinds], axis=1), tf.float32)


def having(dataset: Dataset, features: Sequence[Feature], kinds: tf.Tensor) -> tf.Tensor:
    """Which items have which features.

    Args:
        dataset: names the kinds.
        features: some features.
        kinds: see `kinds_of_items`.

    Returns:
        float [N, features], 1 where the item is of a kind that has the feature, else 0.
    """
    named = [[kind in (one.kinds or ()) for one in features] for kind in dataset.kinds]
    found = tf.matmul(kinds, tf.constant(named, tf.float32))
    everywhere = np.array([[one.kinds is None for one in features]], np.float32)
    return found + everywhere if everywhere.any() else found


def without_lacking(
    dataset: Dataset, inputs: Mapping[str, tf.SparseTensor], kinds: tf.Tensor
) -> dict[str, tf.SparseTensor]:
    """Raw lists with nothing where an item's kind lacks a feature, whatever was given there.

    Args:
        dataset: the dataset.
        inputs: raw lists, a SparseTensor [B, values] by key.
        kinds: see `kinds_of_items`.

    Returns:
        The same keys.
    """
    limited = [feature for feature in dataset.features if feature.kinds is not None]
    has = tf.unstack(having(dataset, limited, kinds) > 0, num=len(limited), axis=1)
    found = dict(inputs)
    for feature, items in zip(limited, has, strict=True):
        given, own = inputs[feature.name], codec(feature)
        rows = tf.reshape(given.values, [-1, *own.shape])
        missing = tf.constant(own.missing, rows.dtype)
        kept = tf.where(items[:, tf.newaxis] if own.shape else items, rows, missing)
        values = tf.reshape(kept, [-1])
        found[feature.name] = tf.SparseTensor(given.indices, values, given.dense_shape)
    return found
