"""Softmax cross entropy of a list."""

import tensorflow as tf

from models.losses.lists import PADDING_LABEL, Lists
from models.losses.listwise_loss import ListwiseLoss
from models.losses.tf_ranking import SoftmaxLoss as TfRankingSoftmaxLoss


class SoftmaxLoss(ListwiseLoss):
    """loss = -sum_i g_i / G log softmax(s / temperature)_i, g = 2^relevance - 1, G = sum_i g_i.

    Dividing by G makes every list count alike, as in NDCG.

    Args:
        temperature: what logits are divided by.

    Source:
        Bruch et al. 2019, "An Analysis of the Softmax Cross Entropy Loss for Learning-to-Rank
        with Binary Relevance".
    """

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__("softmax_loss")
        self._loss = TfRankingSoftmaxLoss(tf.keras.losses.Reduction.NONE, temperature=temperature)

    def list_losses(self, lists: Lists) -> tf.Tensor:
        """Loss of each list, float [B]."""
        gains = lists.dense(tf.pow(2.0, lists.relevance) - 1)
        shares = gains / tf.reduce_sum(gains, axis=1, keepdims=True)
        # TF-Ranking gives padding a logit of -23, which only lies below logits around 0.
        logits = lists.dense(lists.logits, lists.logits.dtype.min)
        logits -= tf.stop_gradient(tf.reduce_max(logits, axis=1, keepdims=True))
        return self._loss(tf.where(lists.mask(), shares, PADDING_LABEL), logits)
