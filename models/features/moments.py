"""Numbers of all features at once: finite moments over the training lists, and standardising.

Matrices have one row a number and one column a list or item.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf
import tensorflow_transform as tft

# Standardised values are bounded, so that one absurd price cannot drown a list.
_MOST_DEVIATIONS = 10.0


class Numbers(NamedTuple):
    """Numbers of one scope.

    Attributes:
        values: float [F, N]; anything where not valid.
        valid: bool [F, N]; whether the number is there and finite.
    """

    values: tf.Tensor
    valid: tf.Tensor


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


def relative(numbers: Numbers, moments: Moments) -> tf.Tensor:
    """(value - mean) / deviation, float [F, N]; 0 where missing.

    Bounded only so far that squares of it, and sums of squares, stay finite.
    """
    deviations = (numbers.values - moments.mean) / moments.deviation
    return tf.clip_by_value(tf.where(numbers.valid, deviations, 0.0), -1e6, 1e6)


def standardise(numbers: Numbers, moments: Moments) -> tuple[tf.Tensor, tf.Tensor]:
    """What the model reads of numbers.

    Args:
        numbers: values [F, N].
        moments: of the same F numbers.

    Returns:
        float [F, N], `relative` within +-10; float [F, N], 1 where missing, if training had
        missing values as well.
    """
    bounded = tf.clip_by_value(relative(numbers, moments), -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
    return bounded, (1.0 - tf.cast(numbers.valid, tf.float32)) * moments.some_missing


def _sums(numbers: Numbers) -> tf.Tensor:
    """float64 [4, F]: finite values, missing values, sum, sum of squares."""
    valid = tf.cast(numbers.valid, tf.float64)
    values = tf.where(numbers.valid, tf.cast(numbers.values, tf.float64), 0.0)
    parts = [valid, 1.0 - valid, values, tf.square(values)]
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
