"""The average that all listwise losses share."""

from typing import Any

import tensorflow as tf

from models.losses.lists import Lists, learnable_lists
from models.replicas import summed


class ListwiseLoss(tf.keras.losses.Loss):
    """Mean over lists, by list weight, of a loss that sees one list at a time.

    loss = sum_b w_b loss_b / sum_b w_b over the lists b that have something relevant and more than
    one labelled item: no other list enters the sum or the divisor. A batch without such a list
    adds 0. Items with a missing label are left out. Neither the width to which lists are padded nor
    other lists change a list's loss. Where several workers train together, the divisor is that of
    all: their losses add up to the loss of the whole batch.

    Subclasses define `list_losses`.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)

    def __call__(
        self,
        y_true: tf.RaggedTensor,
        y_pred: tf.RaggedTensor,
        sample_weight: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Computes the loss of a batch.

        Args:
            y_true: relevance, ragged float [B, None], NaN where missing.
            y_pred: logits, ragged float [B, None].
            sample_weight: list weights, float [B]; 1 for all by default.

        Returns:
            A scalar.
        """
        lists = learnable_lists(y_true, y_pred, sample_weight)
        losses = self.list_losses(lists)
        total = tf.reduce_sum(lists.weights * losses)
        return tf.math.divide_no_nan(total, summed(tf.reduce_sum(lists.weights)))

    def list_losses(self, lists: Lists) -> tf.Tensor:
        """Loss of each list.

        Args:
            lists: lists of at least two items, one of which is relevant.

        Returns:
            float [B].
        """
        raise NotImplementedError

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        """The loss without list weights; see `__call__`."""
        return self(y_true, y_pred)
