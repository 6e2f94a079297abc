"""Relevance of items as tensors; see `data.metrics.relevance` for NumPy."""

from collections.abc import Sequence

import tensorflow as tf


def relevance(labels: tf.Tensor, grades: Sequence[int]) -> tf.Tensor:
    """The largest grade that an item has reached.

    Relevance of an item = max over tasks of grade * label, 0 where no action was reached.

    Args:
        labels: float [N, T], above 0 where the action was reached, NaN where unknown.
        grades: grade of each of the T tasks.

    Returns:
        float [N]; NaN where an unknown label could still raise the relevance.
    """
    steps = tf.constant(grades, labels.dtype)
    reached = tf.reduce_max(tf.cast(labels > 0, labels.dtype) * steps, axis=-1)
    possible = tf.reduce_max(tf.cast(tf.math.is_nan(labels), labels.dtype) * steps, axis=-1)
    return tf.where(possible > reached, tf.constant(float("nan"), labels.dtype), reached)
