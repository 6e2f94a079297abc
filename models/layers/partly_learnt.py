"""Columns of which training teaches only some: numbers stay, embeddings move."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf


class PartlyLearnt(tf.experimental.ExtensionType):
    """Columns side by side, of which some follow from weights.

    Attributes:
        values: all columns, float [N, width].
        learnt: those that follow from weights, once more, float [N, K].
        places: of these among all.
    """

    values: tf.Tensor
    learnt: tf.Tensor
    places: tuple[int, ...]

    @property
    def shape(self) -> tf.TensorShape:
        """Of all columns, [N, width]."""
        return self.values.shape


def joined(parts: Sequence[tf.Tensor | PartlyLearnt]) -> tf.Tensor | PartlyLearnt:
    """Joins columns; a tensor is taken to be learnt as a whole, and tensors alone make a tensor.

    Args:
        parts: float [N, width] each.

    Returns:
        float [N, sum of the widths].
    """
    values = tf.concat(list(map(whole, parts)), axis=-1)
    if all(map(tf.is_tensor, parts)):
        return values
    learnt, places, first = [], [], 0
    for part in parts:
        own = part.places if isinstance(part, PartlyLearnt) else range(part.shape[-1])
        learnt.append(part.learnt if isinstance(part, PartlyLearnt) else part)
        places += [first + place for place in own]
        first += part.shape[-1]
    return PartlyLearnt(values, tf.concat(learnt, axis=-1), tuple(places))


def whole(columns: tf.Tensor | PartlyLearnt) -> tf.Tensor:
    """All columns as one tensor, float [N, width], which any gradient flows through."""
    return columns.values if isinstance(columns, PartlyLearnt) else columns


def product(columns: tf.Tensor | PartlyLearnt, kernel: tf.Tensor) -> tf.Tensor:
    """Y = x kernel; the gradient of x is computed for the columns that are learnt alone.

    dL/dx_learnt = dL/dy (kernel's rows of learnt columns)^T, dL/dkernel = x^T dL/dy.

    Args:
        columns: x, float [N, width].
        kernel: float [width, units].

    Returns:
        float [N, units].
    """
    if not isinstance(columns, PartlyLearnt):
        return tf.matmul(columns, kernel)
    values = tf.stop_gradient(columns.values)

    @tf.custom_gradient
    def of_learnt(
        learnt: tf.Tensor, kernel: tf.Tensor
    ) -> tuple[tf.Tensor, Callable[[tf.Tensor], Any]]:
        def gradients(of_product: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            rows = tf.gather(kernel, tf.constant(columns.places, tf.int32))
            return (
                tf.matmul(of_product, rows, transpose_b=True),
                tf.matmul(values, of_product, transpose_a=True),
            )

        return tf.matmul(values, kernel), gradients

    return of_learnt(columns.learnt, kernel)
