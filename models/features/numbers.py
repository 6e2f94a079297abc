"""Numbers in the transform graph, all of a scope in one matrix: moments, logarithms, standardising.

Matrices have one row a number and one column a list or item until they are put out.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf
import tensorflow_transform as tft

from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from models.features.item_kinds import having
from models.features.layout import (
    PERCENTILE,
    STANDARDISED,
    Layout,
    deviations_key,
    numbers_key,
    raw_key,
    with_version,
)

# Standardised values are bounded, so that one absurd price cannot drown a list.
_MOST_DEVIATIONS = 10.0
# Squares of values as large, and sums of them, stay finite.
_MOST_SQUARED = 1e6


class Numbers(NamedTuple):
    """Numbers of one scope.

    Attributes:
        values: float [F, N]; anything where not valid.
        valid: bool [F, N]; whether the number is there and finite.
        missing: bool [F, N]; whether it is not, though the item's kind has it.
    """

    values: tf.Tensor
    valid: tf.Tensor
    missing: tf.Tensor


class Moments(NamedTuple):
    """Moments of the finite training values of F numbers.

    Attributes:
        mean: float [F, 1].
        deviation: float [F, 1]; population standard deviation, 1 for a constant.
        some_missing: float [F, 1]; 1 where training had missing values. Where it had none, the
            indicator's weight was never learnt, so it stays 0.
    """

    mean: tf.Tensor
    deviation: tf.Tensor
    some_missing: tf.Tensor


def number_matrices(
    dataset: Dataset,
    layout: Layout,
    inputs: Mapping[str, tf.SparseTensor],
    kinds: tf.Tensor | None = None,
) -> dict[str, tf.Tensor]:
    """What `preprocessing_fn` puts out for features that are read as numbers.

    Args:
        dataset: the dataset.
        layout: the order of the columns.
        inputs: raw lists, a SparseTensor [B, values] by key; missing where kinds lack a feature.
        kinds: the kind of each item, see `models.features.item_kinds`; None where there are none.

    Returns:
        float [rows, D] by key: values and indicators, and what versions within the list are made
        of, see `models.features.within_list_columns`.
    """
    groups = {scope: features for scope, features in layout.numeric.items() if features}
    raw = [
        _of_kinds(dataset, features, _raw(features, inputs), kinds) for features in groups.values()
    ]
    scaled = [_logged(*one) for one in zip(groups.values(), raw, strict=True)]
    fitted = _shared(dataset, list(groups.values()), training_moments(scaled))
    matrices = {}
    for (scope, features), given, block, known in zip(
        groups.items(), raw, scaled, fitted, strict=True
    ):
        deviations = _relative(block, known)
        missing = tf.cast(block.missing, tf.float32) * known.some_missing
        bounded = tf.clip_by_value(deviations, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        blocks = [bounded, _rows(missing, features, features)]
        matrices[numbers_key(scope)] = tf.transpose(tf.concat(blocks, axis=0))
        ranked = with_version(features, PERCENTILE)
        if ranked:
            matrices[raw_key(scope)] = tf.transpose(_rows(given.values, features, ranked))
        compared = with_version(features, STANDARDISED)
        if compared:
            # From the globally standardised values: sums of squares neither overflow nor cancel.
            finite = tf.clip_by_value(deviations, -_MOST_SQUARED, _MOST_SQUARED)
            values = tf.where(block.valid, finite, math.nan)
            matrices[deviations_key(scope)] = tf.transpose(_rows(values, features, compared))
    return matrices


def _raw(features: Sequence[Feature], inputs: Mapping[str, tf.SparseTensor]) -> Numbers:
    """The numbers as they are; a vector that lacks one number is missing as a whole."""
    single = [inputs[one.name].values for one in features if not codec(one).shape]
    values = [tf.stack(single)] if single else []
    valid = [tf.math.is_finite(block) for block in values]
    for feature in features[len(single) :]:
        rows = tf.reshape(inputs[feature.name].values, [-1, codec(feature).width])
        values.append(tf.transpose(rows))
        whole = tf.reduce_all(tf.math.is_finite(values[-1]), axis=0, keepdims=True)
        valid.append(tf.tile(whole, [codec(feature).width, 1]))
    known = tf.concat(valid, axis=0)
    return Numbers(tf.concat(values, axis=0), known, ~known)


def _of_kinds(
    dataset: Dataset, features: Sequence[Feature], numbers: Numbers, kinds: tf.Tensor | None
) -> Numbers:
    """The numbers, of which none is missing that an item's kind lacks."""
    if kinds is None or all(feature.kinds is None for feature in features):
        return numbers
    rows = [feature for feature in features for _ in range(codec(feature).width)]
    has = tf.transpose(having(dataset, rows, kinds)) > 0
    return numbers._replace(missing=numbers.missing & has)


def _logged(features: Sequence[Feature], numbers: Numbers) -> Numbers:
    logs = sum(feature.log for feature in features)
    if not logs:
        return numbers
    values = [signed_log(numbers.values[:logs]), numbers.values[logs:]]
    return numbers._replace(values=tf.concat(values, axis=0))


def _rows(matrix: tf.Tensor, features: Sequence[Feature], chosen: Sequence[Feature]) -> tf.Tensor:
    """The first row of each chosen feature."""
    widths = [codec(feature).width for feature in features]
    starts = {one.name: sum(widths[:place]) for place, one in enumerate(features)}
    rows = [starts[feature.name] for feature in chosen]
    return matrix if rows == list(range(matrix.shape[0])) else tf.gather(matrix, rows)


def signed_log(values: tf.Tensor) -> tf.Tensor:
    """sign(x) log(1 + |x|), elementwise."""
    return tf.sign(values) * tf.math.log1p(tf.abs(values))


def training_moments(blocks: Sequence[Numbers]) -> list[Moments]:
    """Moments of every block of numbers, from one pass over the training lists.

    Sums are kept in 64 bits: the values have 24 bits, so sums of squares lose nothing that the
    values themselves could tell.

    Args:
        blocks: numbers of one batch; values [F, N] with F known.

    Returns:
        The moments over all batches, block by block.
    """
    if not blocks:
        return []
    sums = tf.concat([_sums(block) for block in blocks], axis=1)
    totals = tft.sum(sums[None], reduce_instance_dims=False, name="moments")
    widths = [block.values.shape[0] for block in blocks]
    return [_moments(part) for part in tf.split(totals, widths, axis=1)]


def _shared(
    dataset: Dataset, groups: Sequence[Sequence[Feature]], fitted: Sequence[Moments]
) -> list[Moments]:
    """The moments of each group, in which a feature that is like another one has that one's.

    Whether some are missing stays its own: what the network makes of that, it learns by itself.
    """
    if all(feature.like is None for features in groups for feature in features):
        return list(fitted)
    known: dict[str, Moments] = {}
    found = []
    for features, moments in zip(groups, fitted, strict=True):
        widths = [codec(feature).width for feature in features]
        parts = [
            Moments(*of_feature)
            for of_feature in zip(*(tf.split(one, widths) for one in moments), strict=True)
        ]
        known |= zip([feature.name for feature in features], parts, strict=True)
        if all(feature.like is None for feature in features):
            found.append(moments)
            continue
        own = [
            known[dataset.learnt_as(feature).name]._replace(some_missing=part.some_missing)
            for feature, part in zip(features, parts, strict=True)
        ]
        found.append(Moments(*(tf.concat(one, axis=0) for one in zip(*own, strict=True))))
    return found


def _relative(numbers: Numbers, moments: Moments) -> tf.Tensor:
    """(value - mean) / deviation, float [F, N]; 0 where missing."""
    deviations = (numbers.values - moments.mean) / moments.deviation
    return tf.where(numbers.valid, deviations, 0.0)


def _sums(numbers: Numbers) -> tf.Tensor:
    """float64 [4, F]: finite values, missing values, sum, sum of squares."""
    valid, missing = (tf.cast(one, tf.float64) for one in (numbers.valid, numbers.missing))
    values = tf.where(numbers.valid, tf.cast(numbers.values, tf.float64), 0.0)
    parts = [valid, missing, values, tf.square(values)]
    return tf.stack([tf.reduce_sum(part, axis=1) for part in parts])


def _moments(totals: tf.Tensor) -> Moments:
    count, missing, total, squares = tf.unstack(totals[..., None], axis=0)
    mean = tf.math.divide_no_nan(total, count)
    variance = tf.math.divide_no_nan(squares, count) - tf.square(mean)
    # What rounding alone leaves of a constant is no deviation.
    varies = variance > 1e-14 * tf.square(mean)
    deviation = tf.where(varies, tf.sqrt(tf.maximum(variance, 0.0)), tf.ones_like(variance))
    some_missing = tf.cast(missing > 0, tf.float32)
    return Moments(tf.cast(mean, tf.float32), tf.cast(deviation, tf.float32), some_missing)
