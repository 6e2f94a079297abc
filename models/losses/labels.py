"""The labels of a task, as its loss takes them."""

from typing import NamedTuple

import tensorflow as tf


class Labels(NamedTuple):
    """Labels of a task whose listwise losses take graded relevance.

    Attributes:
        label: whether the task's action was reached, ragged float [B, None], NaN where unknown.
        relevance: graded relevance of the item, ragged float [B, None], NaN where unknown.
    """

    label: tf.RaggedTensor
    relevance: tf.RaggedTensor


def binary(labels: tf.RaggedTensor) -> tf.RaggedTensor:
    """Labels clipped to 0 and 1; NaN stays.

    Args:
        labels: ragged float [B, None].

    Returns:
        ragged float [B, None].
    """
    return labels.with_flat_values(tf.clip_by_value(labels.flat_values, 0.0, 1.0))
