"""Cross entropy of each stage of the funnel, where the one before was reached."""

import tensorflow as tf

from models.losses.lists import weights_of_items
from models.losses.mean_loss import MeanLoss, Sums

# Label of a stage that could not be reached, since the one before was not.
NOT_OPEN = -1.0


class ChainLoss(MeanLoss):
    """loss = sum_i w_i b_i (softplus(s_i) - y_i s_i) / sum_i w_i over all items whose b is known.

    y is the label of the task, b that of the task before (1 for the first task), w the weight of
    the item's list and s the logit of the task's factor in the descending probability,
    P(y = 1 | b = 1): it learns where the stage before happened, and no earlier factor learns by it.
    An item with b = 1 and an unknown y is left out; with b = 0 it counts in the divisor alone.

    Added up over the tasks it is the negative log likelihood of the stage that an item reached: in
    a clean funnel, labels 1..1 0..0 with p_m = product over k <= m of sigmoid(s_k), p_0 = 1,
    p_(T+1) = 0 and m the last stage reached, -log(p_m - p_(m+1)).

    Where the funnel is not clean that is no likelihood, and training refuses it: see
    `models.training.funnel`.

    Source:
        The likelihood of a chain of conditional probabilities. The dependence of adjacent actions
        that it rests on is described in arXiv 2301.02494, whose own loss it does not claim to be.
    """

    def __init__(self) -> None:
        super().__init__(name="chain_loss")

    def sums(
        self,
        y_true: tf.RaggedTensor,
        y_pred: tf.RaggedTensor,
        sample_weight: tf.Tensor | tf.RaggedTensor | None = None,
        training: bool = False,
    ) -> Sums:
        """The open stages' losses by weight of their list, and the weights of all known ones.

        Args:
            y_true: from `stage_labels`, ragged float [B, None].
            y_pred: logits of the factors, ragged float [B, None].
            sample_weight: list weights, float [B], or those of items, ragged; 1 by default.
            training: without effect.

        Returns:
            The sum and its divisor.
        """
        labels = y_true.flat_values
        weights = tf.cast(weights_of_items(sample_weight, y_true), labels.dtype)
        weights = tf.where(tf.math.is_nan(labels), tf.zeros_like(labels), weights)
        is_open = labels >= 0
        losses = tf.nn.sigmoid_cross_entropy_with_logits(
            tf.where(is_open, labels, tf.zeros_like(labels)), y_pred.flat_values
        )
        losses = tf.where(is_open, losses, tf.zeros_like(losses))
        return Sums(tf.reduce_sum(weights * losses), tf.reduce_sum(weights))


def stage_labels(labels: tf.RaggedTensor, before: tf.RaggedTensor | None) -> tf.RaggedTensor:
    """Labels of a task with what the task before leaves open.

    Args:
        labels: of the task, 0 or 1, ragged float [B, None]; NaN where unknown.
        before: of the task before; None for the first task.

    Returns:
        ragged float [B, None]: the label where the task before is above 0, `NOT_OPEN` where it is
        0, NaN where it is unknown.
    """
    if before is None:
        return labels
    own, earlier = labels.flat_values, before.flat_values
    closed = tf.where(earlier > 0, own, tf.fill(tf.shape(own), tf.cast(NOT_OPEN, own.dtype)))
    unknown = tf.fill(tf.shape(own), tf.cast(float("nan"), own.dtype))
    return labels.with_flat_values(tf.where(tf.math.is_nan(earlier), unknown, closed))
