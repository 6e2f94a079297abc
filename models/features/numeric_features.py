"""Numeric and vector features in the transform graph, all of a scope in one matrix."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.scopes import SCOPES
from models.features import moments, transformed, within_list

Tensors = dict[str, tf.Tensor]


def numeric_outputs(
    dataset: Dataset, inputs: Mapping[str, tf.SparseTensor], row_lengths: tf.Tensor
) -> Tensors:
    """What `preprocessing_fn` puts out for numeric and vector features.

    Args:
        dataset: the dataset.
        inputs: raw lists, a SparseTensor [B, values] by key.
        row_lengths: int64 [B], items of each list.

    Returns:
        Tensors by key, items flat.
    """
    groups = _groups(dataset)
    raw = [_raw(group, inputs) for group in groups]
    blocks = [_logged(group, block) for group, block in zip(groups, raw, strict=True)]
    fitted = moments.training_moments(blocks)
    outputs: Tensors = {}
    for group, given, block, known in zip(groups, raw, blocks, fitted, strict=True):
        values, missing = moments.standardise(block, known)
        if group[0].kind == "vector":
            name = group[0].name
            outputs |= {name: tf.transpose(values), transformed.missing(name): missing[0]}
            continue
        # One operation each: taking row by row costs a short list a tenth of its answer.
        names = [feature.name for feature in group]
        outputs |= dict(zip(names, tf.unstack(values), strict=True))
        indicators = [transformed.missing(name) for name in names]
        outputs |= dict(zip(indicators, tf.unstack(missing), strict=True))
        outputs |= _percentiles(group, given, row_lengths)
        outputs |= _standardised(group, block, known, row_lengths)
    return outputs


def _groups(dataset: Dataset) -> list[list[Feature]]:
    """Numeric features by scope, those with a logarithm first; every vector by itself."""
    numeric = [
        [f for f in dataset.features if (f.kind, f.scope) == ("numeric", scope)] for scope in SCOPES
    ]
    groups = [sorted(group, key=lambda feature: not feature.log) for group in numeric if group]
    return groups + [[feature] for feature in dataset.features if feature.kind == "vector"]


def _raw(group: Sequence[Feature], inputs: Mapping[str, tf.SparseTensor]) -> moments.Numbers:
    """The numbers as they are; a vector that lacks one number is missing as a whole."""
    if group[0].kind == "vector":
        values = tf.transpose(tf.reshape(inputs[group[0].name].values, [-1, group[0].length]))
        whole = tf.reduce_all(tf.math.is_finite(values), axis=0, keepdims=True)
        return moments.Numbers(values, tf.broadcast_to(whole, tf.shape(values)))
    values = tf.stack([inputs[feature.name].values for feature in group])
    return moments.Numbers(values, tf.math.is_finite(values))


def _logged(group: Sequence[Feature], numbers: moments.Numbers) -> moments.Numbers:
    logs = sum(feature.log for feature in group)
    if not logs:
        return numbers
    values = [moments.signed_log(numbers.values[:logs]), numbers.values[logs:]]
    return moments.Numbers(tf.concat(values, axis=0), numbers.valid)


def _percentiles(group: Sequence[Feature], raw: moments.Numbers, row_lengths: tf.Tensor) -> Tensors:
    rows = _rows(group, "percentile")
    if not rows:
        return {}
    chosen = moments.Numbers(*(tf.gather(tensor, rows) for tensor in raw))
    return _named(group, rows, "percentile", within_list.percentiles(*chosen, row_lengths))


def _standardised(
    group: Sequence[Feature],
    numbers: moments.Numbers,
    known: moments.Moments,
    row_lengths: tf.Tensor,
) -> Tensors:
    rows = _rows(group, "standardised")
    if not rows:
        return {}
    chosen = moments.Numbers(*(tf.gather(tensor, rows) for tensor in numbers))
    fitted = moments.Moments(*(tf.gather(tensor, rows) for tensor in known))
    # From the globally standardised values: sums of squares neither overflow nor cancel.
    values = moments.relative(chosen, fitted)
    matrix = within_list.standardised(values, chosen.valid, row_lengths)
    return _named(group, rows, "standardised", matrix)


def _rows(group: Sequence[Feature], version: str) -> list[int]:
    return [row for row, feature in enumerate(group) if version in (feature.within_list or ())]


def _named(
    group: Sequence[Feature], rows: Sequence[int], version: str, matrix: tf.Tensor
) -> Tensors:
    names = [transformed.within_list(group[row].name, version) for row in rows]
    return dict(zip(names, tf.unstack(matrix), strict=True))
