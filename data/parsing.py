"""Serialized lists to tensors: the feature specs and the flat form that the model reads."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

from data import keys
from data.codecs import codec
from data.dataset import Dataset
from data.feature import Feature

Spec = dict[str, tf.io.VarLenFeature | tf.io.FixedLenFeature | tf.io.RaggedFeature]


class RawLists(NamedTuple):
    """Raw values of B lists with N items altogether.

    Attributes:
        context: by key: float or string [B, length]; length is 1 except for vectors.
        item: by key: float or string [N * length].
        row_lengths: int64 [B]; items of each list.
    """

    context: dict[str, tf.Tensor]
    item: dict[str, tf.Tensor]
    row_lengths: tf.Tensor


def raw_feature_spec(dataset: Dataset, labels: bool) -> dict[str, tf.io.VarLenFeature]:
    """The spec with which TensorFlow Transform sees lists: every key of variable length.

    Args:
        dataset: the dataset.
        labels: whether labels and list weights are included.

    Returns:
        A `VarLenFeature` by key.
    """
    spec = {feature.name: tf.io.VarLenFeature(_dtype(feature)) for feature in dataset.features}
    if labels:
        names = [keys.label(task.name) for task in dataset.tasks] + [keys.LIST_WEIGHT]
        spec |= {name: tf.io.VarLenFeature(tf.float32) for name in names}
    return spec


def parse_lists(serialized: tf.Tensor, dataset: Dataset, labels: bool) -> RawLists:
    """Parses a batch of lists in one go.

    A feature that a list lacks altogether is filled in as missing: NaN, or the empty string. One
    that a list has for some of its items only is an error, since nobody could say for which.

    Args:
        serialized: string [B]; serialized tf.Examples.
        dataset: the dataset.
        labels: whether labels, list weights and list ids are parsed as well.

    Returns:
        The raw values.
    """
    context = {f.name: _context(f) for f in dataset.context_features}
    item = {f.name: _ragged(_dtype(f)) for f in dataset.item_features}
    lengths = {f.name: codec(f).width for f in dataset.item_features}
    if labels:
        context[keys.LIST_WEIGHT] = tf.io.FixedLenFeature([1], tf.float32, [1.0])
        context[keys.LIST_ID] = tf.io.FixedLenFeature([1], tf.string, [""])
        item |= {keys.label(task.name): _ragged(tf.float32) for task in dataset.tasks}
    parsed = tf.io.parse_example(serialized, context | item)
    values, row_lengths = _aligned({name: parsed[name] for name in item}, lengths)
    return RawLists({name: parsed[name] for name in context}, values, row_lengths)


def plain_spec(feature: Feature) -> tf.TensorSpec:
    """One value a list, [1] or [length], or one an item, [items] or [items, length]."""
    shape = [feature.belongs_to.rows_of_list, *codec(feature).shape]
    return tf.TensorSpec(shape, _dtype(feature), name=feature.name)


def _dtype(feature: Feature) -> tf.DType:
    return tf.as_dtype(codec(feature).dtype)


def _context(feature: Feature) -> tf.io.FixedLenFeature:
    own = codec(feature)
    return tf.io.FixedLenFeature([own.width], _dtype(feature), [own.missing] * own.width)


def _ragged(dtype: tf.DType) -> tf.io.RaggedFeature:
    return tf.io.RaggedFeature(dtype, row_splits_dtype=tf.int64)


def _aligned(
    features: Mapping[str, tf.RaggedTensor], lengths: Mapping[str, int]
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Flat values of every feature, all with the same items, and the items of each list."""
    names = list(features)
    counts = tf.stack([features[name].row_lengths() for name in names])
    widths = tf.constant([[lengths.get(name, 1)] for name in names], tf.int64)
    row_lengths = tf.reduce_max(counts // widths, axis=0)
    expected = row_lengths * widths
    values = tf.cond(
        tf.reduce_all(counts == expected),
        lambda: [features[name].flat_values for name in names],
        lambda: _filled(features, counts, expected),
    )
    return dict(zip(names, values, strict=True)), row_lengths


def _filled(
    features: Mapping[str, tf.RaggedTensor], found: tf.Tensor, expected: tf.Tensor
) -> Sequence[tf.Tensor]:
    """Flat values with those of absent features filled in, all features of a type at once."""
    names = list(features)
    complete = (found == expected) | (found == 0)
    partly = tf.boolean_mask(tf.constant(names), tf.reduce_any(~complete, axis=1))
    message = "a list must have a value for each of its items, or for none; features:"
    check = tf.debugging.Assert(tf.reduce_all(complete), [message, partly], summarize=100)
    values: dict[str, tf.Tensor] = {}
    for dtype, missing in ((tf.float32, float("nan")), (tf.string, "")):
        group = [name for name in names if features[name].dtype == dtype]
        if group:
            places = [names.index(name) for name in group]
            given = tf.concat([features[name].flat_values for name in group], axis=0)
            with tf.control_dependencies([check]):
                lengths = tf.gather(expected, places)
                is_there = tf.reshape(tf.gather(found, places) > 0, [-1])
                present = tf.repeat(is_there, tf.reshape(lengths, [-1]))
            whole = tf.fill(tf.shape(present), tf.constant(missing, dtype))
            whole = tf.tensor_scatter_nd_update(whole, tf.where(present), given)
            sizes = tf.reduce_sum(lengths, axis=1)
            values |= dict(zip(group, tf.split(whole, sizes, num=len(group)), strict=True))
    return [values[name] for name in names]
