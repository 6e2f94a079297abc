"""Serialized lists to tensors: the feature specs and the flat form that the model reads."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.lists.alignment import Parsed, aligned

Spec = dict[str, tf.io.VarLenFeature | tf.io.FixedLenFeature | tf.io.RaggedFeature]


class RawLists(NamedTuple):
    """Raw values of B lists with N items altogether.

    Attributes:
        context: by key: float or string [B], or [B, length] of a vector.
        item: by key: float or string [N * length].
        row_lengths: int64 [B]; items of each list.
        history: by key: float or string [H * length], the H entries of all histories, those of a
            list behind one another, the newest first.
        history_lengths: int64 [B]; entries of each list's history; None where the dataset has none.
    """

    context: dict[str, tf.Tensor]
    item: dict[str, tf.Tensor]
    row_lengths: tf.Tensor
    history: Mapping[str, tf.Tensor] = MappingProxyType({})
    history_lengths: tf.Tensor | None = None


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
    that a list has for some of its items, or of the entries of its history, only is an error, since
    nobody could say for which.

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
    history = {f.name: _ragged(_dtype(f)) for f in dataset.history_features}
    parsed = tf.io.parse_example(serialized, context | item | history)
    values, row_lengths, entries = aligned(
        {name: (parsed[name], widths.get(name, 1)) for name in item},
        {},
        _with_widths(parsed, dataset.history_features),
    )
    return RawLists(
        {name: parsed[name] for name in context},
        {name: values[name] for name in item},
        row_lengths,
        {name: values[name] for name in history},
        entries,
    )


def parse_served(serialized: tf.Tensor, dataset: Dataset) -> RawLists:
    """Parses lists of several callers, none of which is to pay for another's fault.

    A list is malformed where an item feature has values for some of its items only, a history
    feature for some of its entries only, or a context feature more or fewer than it takes: it comes
    out without items, as if it had been empty. Of a history the newest entries are taken, as many
    as in training.

    Args:
        serialized: string [B]; serialized tf.Examples.
        dataset: the dataset.

    Returns:
        The raw values.
    """
    parsed = tf.io.parse_example(serialized, {f.name: _ragged(_dtype(f)) for f in dataset.features})
    item, context, history = (
        _with_widths(parsed, features)
        for features in (dataset.item_features, dataset.context_features, dataset.history_features)
    )
    values, row_lengths, entries = aligned(item, context, history, spare=True)
    rows = {
        one.name: tf.reshape(values[one.name], [-1, *codec(one).shape])
        if codec(one).shape
        else values[one.name]
        for one in dataset.context_features
    }
    found = RawLists(rows, {name: values[name] for name in item}, row_lengths)
    if entries is None:
        return found
    own = {one.name: values[one.name] for one in dataset.history_features}
    return found._replace(**_newest(dataset, own, entries)._asdict())


def parse_plain(features: Mapping[str, tf.Tensor], dataset: Dataset) -> RawLists:
    """Takes plain values of one list, and refuses those that are not as many as they must be.

    Args:
        features: the arguments of `serving_default`, by name.
        dataset: the dataset.

    Returns:
        The raw values.
    """
    ordered = [*dataset.item_features, *dataset.context_features, *dataset.history_features]
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
    lists = RawLists(context, item, tf.cast(found[:1], tf.int64))
    if dataset.history is None:
        return lists
    newest = dataset.history.newest
    history = {
        one.name: tf.reshape(values[one.name][:newest], [-1]) for one in dataset.history_features
    }
    entries = tf.minimum(shapes[dataset.history_features[0].name][:1], newest)
    return lists._replace(history=history, history_lengths=tf.cast(entries, tf.int64))


def _check_sizes(ordered: Sequence[Feature], found: tf.Tensor) -> tf.Operation | None:
    """Checks the axes of all features, one after the other: rows, and the length of a vector."""
    axes: list[str] = []
    sizes: list[int] = []
    follows: list[str] = []
    for one in ordered:
        axes += [one.name, *(f"{one.name} (length)" for _ in codec(one).shape)]
        sizes += [one.belongs_to.rows_of_list or 1, *codec(one).shape]
        follows += [one.belongs_to.follows, *("" for _ in codec(one).shape)]
    expected = tf.where(tf.constant([one == "items" for one in follows]), found[0], sizes)
    of_entries = [one == "entries" for one in follows]
    if any(of_entries):
        entries = found[of_entries.index(True)]
        expected = tf.where(tf.constant(of_entries), entries, expected)
    # Values of another rank have other axes: that is no error of the comparison.
    equal = tf.raw_ops.Equal(x=found, y=expected, incompatible_shape_error=False)
    return tf.raw_ops.Assert(
        condition=tf.reduce_all(equal),
        data=[
            "expected as many rows of each item feature as the list has items, "
            + ("as many of each history feature as of the first one, " if any(of_entries) else "")
            + "and one of each context feature; features, rows found:",
            tf.constant(axes),
            found,
        ],
        summarize=2 * len(axes),
    )


def plain_spec(feature: Feature) -> tf.TensorSpec:
    """One row a list, one an item, or one an entry of the history: [rows] or [rows, length].

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


def _with_widths(parsed: Mapping[str, tf.RaggedTensor], features: Iterable[Feature]) -> Parsed:
    return {one.name: (parsed[one.name], codec(one).width) for one in features}


def _ragged(dtype: tf.DType) -> tf.io.RaggedFeature:
    return tf.io.RaggedFeature(dtype, row_splits_dtype=tf.int64)


class _Histories(NamedTuple):
    history: dict[str, tf.Tensor]
    history_lengths: tf.Tensor


def _newest(dataset: Dataset, values: dict[str, tf.Tensor], lengths: tf.Tensor) -> _Histories:
    """Cuts histories, flat values and lengths int64 [B], to the entries that training has seen."""
    assert dataset.history is not None
    newest = tf.constant(dataset.history.newest, tf.int64)

    def cut() -> list[tf.Tensor]:
        kept = tf.ragged.range(lengths).flat_values < newest
        return [
            tf.boolean_mask(values[one.name], tf.repeat(kept, codec(one).width))
            for one in dataset.history_features
        ]

    whole = [values[one.name] for one in dataset.history_features]
    found = tf.cond(tf.reduce_any(lengths > newest), cut, lambda: whole)
    names = [one.name for one in dataset.history_features]
    return _Histories(dict(zip(names, found, strict=True)), tf.minimum(lengths, newest))
