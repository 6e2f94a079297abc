"""How long actions take: an exponential delay that ends with the window."""

from typing import NamedTuple

import tensorflow as tf


class Delay(NamedTuple):
    """An exponential delay h, given that it lies within a window W.

    F(u) = P(h <= u) = (1 - exp(-lambda u)) / (1 - exp(-lambda W)) for u < W, and 1 from there on.
    An endless window gives the exponential distribution. All shapes are [N].

    Another unit of time changes log lambda by its logarithm, and the density of an action by the
    same; nothing else changes.

    Attributes:
        log_rate: log lambda, in one over the unit of time.
        window: W, above 0; may be infinite.

    Source:
        Chapelle 2014, "Modeling delayed feedback in display advertising", for the exponential
        delay; its end with the window follows from what the label means.
    """

    log_rate: tf.Tensor
    window: tf.Tensor

    def within(self, elapsed: tf.Tensor) -> tf.Tensor:
        """F(u): the share of what will happen that has happened after some time, in [0, 1]."""
        found = tf.math.expm1(-self._rated(elapsed)) / tf.math.expm1(-self._whole)
        return tf.where(elapsed < self.window, found, tf.ones_like(found))

    def log_density(self, delay: tf.Tensor) -> tf.Tensor:
        """Log of the density of a delay up to W."""
        return self.log_rate - self._rated(delay) - _log1mexp(self._whole)

    def log_survival(self, elapsed: tf.Tensor) -> tf.Tensor:
        """Log of 1 - F(u), for u < W."""
        left = tf.maximum(self._whole - self._rated(elapsed), _LEAST)
        return -self._rated(elapsed) + _log1mexp(left) - _log1mexp(self._whole)

    @property
    def _whole(self) -> tf.Tensor:
        return tf.maximum(self._rated(self.window), _LEAST)

    def _rated(self, time: tf.Tensor) -> tf.Tensor:
        return tf.exp(self.log_rate) * time


# So that no logarithm of 0 is taken.
_LEAST = 1e-12


def _log1mexp(values: tf.Tensor) -> tf.Tensor:
    """log(1 - exp(-x)), x > 0."""
    return tf.math.log(-tf.math.expm1(-values))
