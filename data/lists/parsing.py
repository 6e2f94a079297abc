"""Serialized lists to tensors: the feature specs and the flat form that the model reads."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature

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


def parse_served(serialized: tf.Tensor, dataset: Dataset) -> RawLists:
    """Parses lists of several callers, none of which is to pay for another's fault.

    A list is malformed where an item feature has values for some of its items only, or a context
    feature more or fewer than it takes: it comes out without items, as if it had been empty.

    Args:
        serialized: string [B]; serialized tf.Examples.
        dataset: the dataset.

    Returns:
        The raw values.
    """
    features = {f.name: _ragged(_dtype(f)) for f in dataset.features}
    parsed = tf.io.parse_example(serialized, features)
    wrong = _malformed(parsed, dataset)
    item = {one.name: parsed[one.name] for one in dataset.item_features}
    item = tf.cond(
        tf.reduce_any(wrong),
        lambda: {name: _without(values, wrong) for name, values in item.items()},
        lambda: item,
    )
    lengths = {f.name: codec(f).width for f in dataset.item_features}
    values, row_lengths = _aligned(item, lengths)
    return RawLists(_dense(parsed, dataset), values, row_lengths)


def _dense(parsed: Mapping[str, tf.RaggedTensor], dataset: Dataset) -> dict[str, tf.Tensor]:
    """Context features as [B, width], those that a list lacks filled in as missing."""
    features = dataset.context_features
    if not features:
        return {}
    counts = tf.stack([parsed[one.name].row_lengths() for one in features])
    widths = tf.constant([[codec(one).width] for one in features], tf.int64)
    return tf.cond(
        tf.reduce_all(counts == widths),
        lambda: {
            one.name: tf.reshape(parsed[one.name].flat_values, [-1, codec(one).width])
            for one in features
        },
        lambda: {
            one.name: parsed[one.name].to_tensor(codec(one).missing, shape=[None, codec(one).width])
            for one in features
        },
    )


def _malformed(parsed: Mapping[str, tf.RaggedTensor], dataset: Dataset) -> tf.Tensor:
    """Which lists have features with values for a part of what they belong to, bool [B]."""

    def counts(features: Sequence[Feature]) -> tuple[tf.Tensor, tf.Tensor]:
        found = tf.stack([parsed[one.name].row_lengths() for one in features])
        return found, tf.constant([[codec(one).width] for one in features], tf.int64)

    found, widths = counts(dataset.item_features)
    expected = tf.reduce_max(found // widths, axis=0) * widths
    wrong = tf.reduce_any((found != expected) & (found != 0), axis=0)
    if not dataset.context_features:
        return wrong
    found, widths = counts(dataset.context_features)
    return wrong | tf.reduce_any((found != widths) & (found != 0), axis=0)


def _without(values: tf.RaggedTensor, lists: tf.Tensor) -> tf.RaggedTensor:
    """Empties some lists, bool [B]."""
    kept = tf.boolean_mask(values.flat_values, ~tf.gather(lists, values.value_rowids()))
    lengths = tf.where(lists, tf.constant(0, tf.int64), values.row_lengths())
    return tf.RaggedTensor.from_row_lengths(kept, lengths, validate=False)


def checked_plain(features: Mapping[str, tf.Tensor], dataset: Dataset) -> dict[str, tf.Tensor]:
    """Refuses plain values of one list that are not as many as they must be.

    Args:
        features: the arguments of `serving_default`, by name.
        dataset: the dataset.

    Returns:
        The same, to be read once they are known to be as many as they must be.
    """
    ordered = [*dataset.item_features, *dataset.context_features]
    items = len(dataset.item_features)
    values = [features[one.name] for one in ordered]
    rows = tf.stack([tf.shape(one)[0] for one in values])
    sizes = tf.stack([tf.size(one) for one in values])
    # Most features have as many as there are items.
    wanted = tf.where(tf.range(len(ordered)) < items, tf.sort(rows[:items])[items // 2], 1)
    whole = (rows == wanted) & (sizes == wanted * tf.constant([codec(f).width for f in ordered]))
    check = tf.raw_ops.Assert(
        condition=tf.reduce_all(whole),
        data=[
            "expected as many rows of each item feature as the list has items, and one of each "
            "context feature; features, rows found, rows expected, values found:",
            tf.constant([one.name for one in ordered]),
            rows,
            wanted,
            sizes,
        ],
        summarize=len(ordered),
    )
    # Values hang on the check by a slice, which TensorFlow does not optimise away, unlike an
    # identity or a reshape with what they wait for.
    with tf.control_dependencies([check] if check is not None else []):
        ends = tf.unstack(tf.identity(wanted), num=len(ordered))
    return {one.name: given[:end] for one, given, end in zip(ordered, values, ends, strict=True)}


def plain_spec(feature: Feature) -> tf.TensorSpec:
    """One row a list, or one an item: [rows] or [rows, length].

    The number of rows is left open, also where it must be 1: what is stated, TensorFlow believes,
    and a check of it would be left out.
    """
    shape = [None, *codec(feature).shape]
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
