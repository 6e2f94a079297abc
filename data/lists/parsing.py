"""Serialized lists to tensors: the feature specs and the flat form that the model reads."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature

Spec = dict[str, tf.io.VarLenFeature | tf.io.FixedLenFeature | tf.io.RaggedFeature]


class RawLists(NamedTuple):
    """Raw values of B lists with N items altogether.

    Attributes:
        context: by key: float or string [B], or [B, length] of a vector.
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


def feedback_keys(dataset: Dataset) -> list[str]:
    """Keys of what lists have seen of their actions so far, one value an item."""
    found = [keys.seen(task.name) for task in dataset.tasks if task.window is not None]
    for task in dataset.tasks:
        found += [keys.delay(task.name)] if task.at is not None else []
        found += [keys.undone(task.name)] if task.undone_by is not None else []
    return found


def parse_lists(
    serialized: tf.Tensor, dataset: Dataset, labels: bool, positions: bool = False
) -> RawLists:
    """Parses a batch of lists in one go.

    A feature that a list lacks altogether is filled in as missing: NaN, or the empty string. One
    that a list has for some of its items only is an error, since nobody could say for which.

    Args:
        serialized: string [B]; serialized tf.Examples.
        dataset: the dataset.
        labels: whether labels, list weights and list ids are parsed as well, and what tasks with
            times have seen so far.
        positions: whether positions, platforms and regions are.

    Returns:
        The raw values.
    """
    context = {f.name: _context(f) for f in dataset.context_features}
    item = {f.name: _ragged(_dtype(f)) for f in dataset.item_features}
    widths = {f.name: codec(f).width for f in dataset.item_features}
    if labels:
        context[keys.LIST_WEIGHT] = tf.io.FixedLenFeature([], tf.float32, 1.0)
        context[keys.LIST_ID] = tf.io.FixedLenFeature([], tf.string, "")
        item |= {keys.label(task.name): _ragged(tf.float32) for task in dataset.tasks}
        item |= {name: _ragged(tf.float32) for name in feedback_keys(dataset)}
        if dataset.timed:
            context[keys.LIST_AGE] = tf.io.FixedLenFeature([], tf.float32, 0.0)
    if positions:
        places = (keys.LIST_PLATFORM, keys.LIST_REGION)
        context |= {name: tf.io.FixedLenFeature([], tf.string, "") for name in places}
        item[keys.ITEM_POSITION] = _ragged(tf.float32)
    parsed = tf.io.parse_example(serialized, context | item)
    values, row_lengths = _aligned({name: (parsed[name], widths.get(name, 1)) for name in item}, {})
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
    parsed = tf.io.parse_example(serialized, {f.name: _ragged(_dtype(f)) for f in dataset.features})
    item, context = (
        {one.name: (parsed[one.name], codec(one).width) for one in features}
        for features in (dataset.item_features, dataset.context_features)
    )
    values, row_lengths = _aligned(item, context, spare=True)
    rows = {
        one.name: tf.reshape(values[one.name], [-1, *codec(one).shape])
        if codec(one).shape
        else values[one.name]
        for one in dataset.context_features
    }
    return RawLists(rows, {name: values[name] for name in item}, row_lengths)


def parse_plain(features: Mapping[str, tf.Tensor], dataset: Dataset) -> RawLists:
    """Takes plain values of one list, and refuses those that are not as many as they must be.

    Args:
        features: the arguments of `serving_default`, by name.
        dataset: the dataset.

    Returns:
        The raw values.
    """
    ordered = [*dataset.item_features, *dataset.context_features]
    shapes: dict[str, tf.Tensor] = {}
    for dtype in {_dtype(one) for one in ordered}:
        names = [one.name for one in ordered if _dtype(one) == dtype]
        shapes |= zip(names, tf.shape_n([features[name] for name in names]), strict=True)
    found = tf.concat([shapes[one.name] for one in ordered], axis=0)
    check = _check_sizes(ordered, found)
    # Together, values hang on the check; TensorFlow would optimise identities of single ones away.
    with tf.control_dependencies([] if check is None else [check]):
        checked = tf.identity_n([features[one.name] for one in ordered])
    values = dict(zip([one.name for one in ordered], checked, strict=True))
    item = {
        one.name: tf.reshape(values[one.name], [-1]) if codec(one).shape else values[one.name]
        for one in dataset.item_features
    }
    context = {one.name: values[one.name] for one in dataset.context_features}
    return RawLists(context, item, tf.cast(found[:1], tf.int64))


def _check_sizes(ordered: Sequence[Feature], found: tf.Tensor) -> tf.Operation | None:
    """Checks the axes of all features, one after the other: rows, and the length of a vector."""
    axes, sizes, of_items = [], [], []
    for one in ordered:
        axes += [one.name, *(f"{one.name} (length)" for _ in codec(one).shape)]
        sizes += [one.belongs_to.rows_of_list or 1, *codec(one).shape]
        of_items += [one.belongs_to.rows_of_list is None, *(False for _ in codec(one).shape)]
    expected = tf.where(tf.constant(of_items), found[0], tf.constant(sizes))
    # Values of another rank have other axes: that is no error of the comparison.
    equal = tf.raw_ops.Equal(x=found, y=expected, incompatible_shape_error=False)
    return tf.raw_ops.Assert(
        condition=tf.reduce_all(equal),
        data=[
            "expected as many rows of each item feature as the list has items, and one of each "
            "context feature; features, rows found:",
            tf.constant(axes),
            found,
        ],
        summarize=2 * len(axes),
    )


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
    missing = np.full(own.shape, own.missing).tolist()
    return tf.io.FixedLenFeature(own.shape, _dtype(feature), missing)


def _ragged(dtype: tf.DType) -> tf.io.RaggedFeature:
    return tf.io.RaggedFeature(dtype, row_splits_dtype=tf.int64)


Parsed = Mapping[str, tuple[tf.RaggedTensor, int]]


def _aligned(
    item: Parsed, context: Parsed, spare: bool = False
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Flat values of every feature, whole for all lists, and the items of each list.

    Args:
        item: values [B, None] and their number for an item, by name.
        context: values and their number for a list, by name.
        spare: whether a malformed list loses its values instead of being an error.
    """
    columns = {**item, **context}
    names = list(columns)
    widths = tf.constant([[width] for _, width in columns.values()], tf.int64)
    of_items = tf.constant([[name in item] for name in names])

    def lengths(found: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        of_lists = tf.reduce_max(tf.where(of_items, found // widths, 0), axis=0)
        return of_lists, tf.where(of_items, of_lists, 1) * widths

    # All features of a type are one tensor, so that what follows is one operation each.
    splits = tf.stack([values.row_splits for values, _ in columns.values()])
    found = splits[:, 1:] - splits[:, :-1]
    row_lengths, wanted = lengths(found)
    types = [values.dtype for values, _ in columns.values()]
    groups = {dtype: [n for n, one in enumerate(types) if one == dtype] for dtype in set(types)}
    joined = [
        tf.concat([columns[names[place]][0].flat_values for place in places], axis=0)
        for places in groups.values()
    ]

    def mended() -> list[tf.Tensor]:
        wrong = (found != wanted) & (found != 0)
        kept, given, check = found, joined, tf.no_op()
        if spare:
            malformed = tf.reduce_any(wrong, axis=0)
            kept = tf.where(malformed, tf.constant(0, tf.int64), found)
            given = [
                tf.boolean_mask(one, _repeated(kept > 0, found, places))
                for one, places in zip(joined, groups.values(), strict=True)
            ]
        else:
            partly = tf.boolean_mask(tf.constant(names), tf.reduce_any(wrong, axis=1))
            message = "a list must have a value for each of its items, or for none; features:"
            check = tf.debugging.Assert(~tf.reduce_any(wrong), [message, partly], summarize=100)
        of_lists, complete = lengths(kept)
        with tf.control_dependencies([] if check is None else [check]):
            filled = [
                _filled(one, _repeated(kept > 0, complete, places))
                for one, places in zip(given, groups.values(), strict=True)
            ]
        return [of_lists, *filled]

    row_lengths, *whole = tf.cond(
        tf.reduce_all(found == wanted), lambda: [row_lengths, *joined], mended
    )
    rows = tf.where(of_items[:, 0], tf.reduce_sum(row_lengths), tf.size(row_lengths, tf.int64))
    sizes = rows * widths[:, 0]
    values: dict[str, tf.Tensor] = {}
    for places, one in zip(groups.values(), whole, strict=True):
        parts = tf.split(one, tf.gather(sizes, places), num=len(places))
        values |= zip([names[place] for place in places], parts, strict=True)
    return values, row_lengths


def _repeated(flags: tf.Tensor, times: tf.Tensor, features: Sequence[int]) -> tf.Tensor:
    """Flags [F, B] of some features, each as often as [F, B] says."""
    chosen, counts = (tf.reshape(tf.gather(one, features), [-1]) for one in (flags, times))
    return tf.repeat(chosen, counts)


def _filled(given: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
    """Values where they are present, and what stands for missing ones elsewhere."""
    missing = tf.constant(float("nan") if given.dtype == tf.float32 else "", given.dtype)
    whole = tf.fill(tf.shape(present), missing)
    return tf.tensor_scatter_nd_update(whole, tf.where(present), given)
