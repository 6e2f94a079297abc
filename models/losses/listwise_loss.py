"""The average that all listwise losses share."""

import tensorflow as tf

from models.losses.lists import Lists, learnable_lists
from models.losses.mean_loss import MeanLoss, Sums


class ListwiseLoss(MeanLoss):
    """Mean over lists, by list weight, of a loss that sees one list at a time.

    loss = sum_b w_b loss_b / sum_b w_b over the lists b that have something relevant and more than
    one labelled item: no other list enters the sum. The divisor is of these as well, or of all
    lists that have a label, whose mean is the former times the share of lists that count. A batch
    without a list that counts adds 0. Items with a missing label are left out. Neither the width to
    which lists are padded nor other lists change a list's loss.

    Subclasses define `list_losses`.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)

    def sums(
        self,
        y_true: tf.RaggedTensor,
        y_pred: tf.RaggedTensor,
        sample_weight: tf.Tensor | None = None,
        training: bool = False,
    ) -> Sums:
        """The lists' losses by weight, and the weights of the lists that count."""
        lists = learnable_lists(y_true, y_pred, sample_weight)
        losses = self.training_losses(lists) if training else self.list_losses(lists)
        return Sums(tf.reduce_sum(lists.weights * losses), tf.reduce_sum(lists.weights))

    def list_losses(self, lists: Lists) -> tf.Tensor:
        """Loss of each list.

        Args:
            lists: lists of at least two items, one of which is relevant.

        Returns:
            float [B].
        """
        raise NotImplementedError

    def training_losses(self, lists: Lists) -> tf.Tensor:
        """Loss of each list while training, float [B]; losses that sample draw here."""
        return self.list_losses(lists)
