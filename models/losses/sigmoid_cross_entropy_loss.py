"""Sigmoid cross entropy, item by item."""

from typing import Any

import tensorflow as tf

from models.losses.lists import list_weights
from models.replicas import summed


class SigmoidCrossEntropyLoss(tf.keras.losses.Loss):
    """loss = sum_i w_i (softplus(s_i) - y_i s_i) / sum_i w_i over all labelled items of a batch.

    w_i is the weight of the item's list. Labels are binary: above 1 the loss would have no lower
    bound. A batch without a label adds 0. It is TF-Ranking's loss without its mean over lists of
    padded width. Where several workers train together, the divisor is that of all.
    """

    def __init__(self) -> None:
        super().__init__(name="sigmoid_cross_entropy_loss")

    def __call__(
        self,
        y_true: tf.RaggedTensor,
        y_pred: tf.RaggedTensor,
        sample_weight: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Computes the loss of a batch.

        Args:
            y_true: labels 0 or 1, ragged float [B, None], NaN where missing.
            y_pred: logits, ragged float [B, None].
            sample_weight: list weights, float [B]; 1 for all by default.

        Returns:
            A scalar.
        """
        labelled = tf.logical_not(tf.math.is_nan(y_true.flat_values))
        labels = tf.boolean_mask(y_true.flat_values, labelled)
        logits = tf.boolean_mask(y_pred.flat_values, labelled)
        rows = tf.boolean_mask(y_true.value_rowids(), labelled)
        weights = tf.gather(list_weights(sample_weight, y_true.nrows()), rows)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)
        total = tf.reduce_sum(weights * losses)
        return tf.math.divide_no_nan(total, summed(tf.reduce_sum(weights)))

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        """The loss without list weights; see `__call__`."""
        return self(y_true, y_pred)
