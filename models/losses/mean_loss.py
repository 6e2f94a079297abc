"""A mean by weight, kept as a sum and its divisor, so that batches can be added up."""

from typing import Any, NamedTuple

import tensorflow as tf

from models.losses.lists import weight_of_known
from models.replicas import summed


class Sums(NamedTuple):
    """What a mean is made of: mean = total / weight.

    Attributes:
        total: sum of weight times loss, a scalar.
        weight: sum of the weights, a scalar.
    """

    total: tf.Tensor
    weight: tf.Tensor


class MeanLoss(tf.keras.losses.Loss):
    """loss = total / weight, 0 where nothing has any weight.

    Where several workers train together, the weight is that of all: their losses add up to the loss
    of the whole batch.

    Subclasses define `sums`.
    """

    def sums(
        self,
        y_true: tf.RaggedTensor,
        y_pred: tf.RaggedTensor,
        sample_weight: tf.Tensor | None = None,
        training: bool = False,
    ) -> Sums:
        """What a batch adds to the mean over many.

        Args:
            y_true: relevance or labels, ragged float [B, None], NaN where missing.
            y_pred: logits, ragged float [B, None].
            sample_weight: list weights, float [B]; 1 for all by default.
            training: whether losses that sample draw their noise.

        Returns:
            The sum and its divisor, whatever the number of workers.
        """
        raise NotImplementedError

    def __call__(
        self,
        y_true: tf.RaggedTensor,
        y_pred: tf.RaggedTensor,
        sample_weight: tf.Tensor | None = None,
        of_all: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Computes the loss of a training batch.

        Args:
            y_true: relevance or labels, ragged float [B, None], NaN where missing.
            y_pred: logits, ragged float [B, None].
            sample_weight: list weights, float [B]; 1 for all by default.
            of_all: weights that the divisor adds up over all lists that have a label, float [B];
                None divides by the weights of what counts.

        Returns:
            A scalar.
        """
        total, weight = self.sums(y_true, y_pred, sample_weight, training=True)
        if of_all is not None:
            weight = weight_of_known(y_true, of_all)
        return tf.math.divide_no_nan(total, summed(weight))

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        """The loss without list weights; see `__call__`."""
        return self(y_true, y_pred)
