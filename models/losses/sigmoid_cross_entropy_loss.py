"""Sigmoid cross entropy, item by item."""

import tensorflow as tf

from models.losses.lists import weights_of_items
from models.losses.mean_loss import MeanLoss, Sums


class SigmoidCrossEntropyLoss(MeanLoss):
    """loss = sum_i w_i (softplus(s_i) - y_i s_i) / sum_i w_i over all labelled items of a batch.

    w_i is the weight of the item's list, or its own where a ragged `sample_weight` gives one.
    Labels are binary: above 1 the loss would have no lower bound. A batch without a label adds 0.
    It is TF-Ranking's loss without its mean over lists of padded width.
    """

    def __init__(self, name: str = "sigmoid_cross_entropy_loss") -> None:
        super().__init__(name=name)

    def sums(
        self,
        y_true: tf.RaggedTensor,
        y_pred: tf.RaggedTensor,
        sample_weight: tf.Tensor | tf.RaggedTensor | None = None,
        training: bool = False,
    ) -> Sums:
        """The labelled items' losses by weight of their list, and these weights."""
        labelled = tf.logical_not(tf.math.is_nan(y_true.flat_values))
        labels = tf.boolean_mask(y_true.flat_values, labelled)
        logits = tf.boolean_mask(y_pred.flat_values, labelled)
        weights = tf.boolean_mask(weights_of_items(sample_weight, y_true), labelled)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)
        return Sums(tf.reduce_sum(weights * losses), tf.reduce_sum(weights))
