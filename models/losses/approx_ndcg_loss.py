"""A smooth NDCG."""

import tensorflow as tf

from models.losses.lists import PADDING_LABEL, Lists
from models.losses.listwise_loss import ListwiseLoss
from models.losses.tf_ranking import ApproxNDCGLoss as TfRankingApproxNDCGLoss


class ApproxNDCGLoss(ListwiseLoss):
    """loss = 1 - NDCG at ranks r_i = 1 + sum over j != i of sigmoid((s_j - s_i) / temperature).

    The gain is 2^relevance - 1.

    Args:
        temperature: how smooth the ranks are; exact ranks as it nears 0.

    Source:
        Qin, Liu and Li 2010, "A general approximation framework for direct optimization of
        information retrieval measures"; Bruch et al. 2019, "Revisiting Approximate Metric
        Optimization in the Age of Deep Neural Networks".
    """

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__("approx_ndcg_loss")
        self._loss = TfRankingApproxNDCGLoss(
            tf.keras.losses.Reduction.NONE, temperature=temperature
        )

    def list_losses(self, lists: Lists) -> tf.Tensor:
        """Loss of each list, float [B]."""
        labels = lists.dense(lists.relevance, PADDING_LABEL)
        return 1 + tf.reshape(self._loss(labels, lists.dense(lists.logits)), [-1])
