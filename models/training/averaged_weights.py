"""Averages of a model's weights over training steps."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import tensorflow as tf


class AveragedWeights(tf.Module):
    """average <- m average + (1 - m) weight after each step, m = min(momentum, (1 + n) / (10 + n)).

    n counts the steps: early averages follow quickly, so that a short training is not held back by
    its initial weights.

    Args:
        weights: the weights that are averaged.
        momentum: the largest m; None averages nothing: the weights stand for themselves.

    Source:
        Polyak and Juditsky 1992; the ramp is that of `tf.train.ExponentialMovingAverage`.
    """

    def __init__(self, weights: Sequence[tf.Variable], momentum: float | None) -> None:
        super().__init__(name="averaged_weights")
        self._momentum = momentum
        self._weights = list(weights)
        self._averages = [] if momentum is None else [_copy(weight) for weight in weights]
        self._steps = tf.Variable(0, trainable=False, dtype=tf.int64)

    def update(self) -> None:
        """Takes in the weights after a step."""
        if self._momentum is None:
            return
        steps = tf.cast(self._steps.assign_add(1), tf.float32)
        share = 1.0 - tf.minimum(self._momentum, (1.0 + steps) / (10.0 + steps))
        for average, weight in zip(self._averages, self._weights, strict=True):
            average.assign_add(share * (weight - average))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within it, the model has the averages for weights."""
        if self._momentum is None:
            yield
            return
        kept = [tf.identity(weight) for weight in self._weights]
        assign(self._weights, self._averages)
        try:
            yield
        finally:
            assign(self._weights, kept)


def assign(weights: Sequence[tf.Variable], values: Sequence[tf.Tensor | tf.Variable]) -> None:
    """Sets each weight to a value."""
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)


def _copy(weight: tf.Variable) -> tf.Variable:
    return tf.Variable(weight, trainable=False)
