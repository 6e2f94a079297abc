"""A penalty of probabilities that rise along the funnel."""

import tensorflow as tf

from models.losses.lists import list_weights
from models.replicas import summed


def behavioural_calibrator(
    probabilities: tf.Tensor, row_lengths: tf.Tensor, weights: tf.Tensor | None = None
) -> tf.Tensor:
    """sum_i w_i sum over t > 1 of max(y_it - y_i(t-1), 0) / sum_i w_i over the items of a batch.

    Gradients flow into both probabilities. Where several workers train together, the divisor is
    that of all. Descending probabilities leave nothing to penalise.

    Args:
        probabilities: y of each task, float [N, T].
        row_lengths: items of each list, int [B].
        weights: w, weight of each list, float [B]; 1 for all by default.

    Returns:
        A scalar; 0 for a batch without items.

    Source:
        Xi et al., "Modeling the Sequential Dependence among Audience Multi-step Conversions with
        Multi-task Learning in Targeted Display Advertising" (arXiv 2105.08489), the behavioural
        expectation calibrator.
    """
    rises = tf.reduce_sum(tf.nn.relu(probabilities[:, 1:] - probabilities[:, :-1]), axis=1)
    of_items = tf.repeat(list_weights(weights, tf.size(row_lengths)), row_lengths)
    of_items = tf.cast(of_items, rises.dtype)
    total, weight = tf.reduce_sum(of_items * rises), tf.reduce_sum(of_items)
    return tf.math.divide_no_nan(total, summed(weight))
