"""LambdaLoss with NDCG's weights."""

import tensorflow as tf

from models.losses.lists import Lists
from models.losses.listwise_loss import ListwiseLoss
from models.losses.tf_ranking import NDCGLambdaWeight


class LambdaLoss(ListwiseLoss):
    """loss = n sum over pairs with relevance_i > relevance_j of w_ij softplus(-(s_i - s_j)).

    w_ij = |g_i - g_j| |1 / log2(d + 1) - 1 / log2(d + 2)| / ideal DCG, with d the distance of the
    ranks of i and j, g = 2^relevance - 1 and n the items of the list. Weights pass no gradient.

    TF-Ranking gives the weights. Its own sum over pairs takes n from the padded width and breaks
    ties by a draw that no checkpoint holds; here equal logits rank in the order of the items.

    Source:
        Wang et al. 2018, "The LambdaLoss Framework for Ranking Metric Optimization", Eq. 15-17.
    """

    def __init__(self) -> None:
        super().__init__("lambda_loss")
        self._weight = NDCGLambdaWeight()

    def list_losses(self, lists: Lists) -> tf.Tensor:
        """Loss of each list, float [B]."""
        relevance, logits = lists.dense(lists.relevance, -1.0), lists.dense(lists.logits)
        mask = lists.mask()
        ordered = tf.where(mask, logits, logits.dtype.min)
        order = tf.argsort(ordered, direction="DESCENDING", stable=True)
        weights = self._weight.pair_weights(relevance, tf.argsort(order) + 1)
        # TF-Ranking scales weights by the padded width.
        sizes = tf.cast(lists.row_lengths, tf.float32) / tf.cast(tf.shape(logits)[1], tf.float32)
        preferred = _pairs(relevance) > 0
        losses = tf.where(preferred, tf.math.softplus(-_pairs(logits)), 0.0)
        return sizes * tf.reduce_sum(tf.stop_gradient(weights) * losses, axis=[1, 2])


def _pairs(values: tf.Tensor) -> tf.Tensor:
    """Differences of all pairs, float [B, L, L]."""
    return values[:, :, tf.newaxis] - values[:, tf.newaxis, :]
