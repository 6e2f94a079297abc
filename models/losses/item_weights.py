"""What was done to an item counts more or less often: labels and weights that make losses do so."""

import math

import tensorflow as tf

from models.losses.lists import list_weights


def counted_in_lists(
    relevance: tf.RaggedTensor, item_weights: tf.RaggedTensor, weights: tf.Tensor | None
) -> tuple[tf.RaggedTensor, tf.Tensor]:
    """For listwise losses: an item's gain counts as often as its weight says.

    Relevance becomes log2(1 + weight * gain), so that its gain 2^relevance - 1 is weight * gain. As
    these losses divide by the gains of a list, the list's weight is multiplied by
    sum of weight * gain / sum of gain.

    Args:
        relevance: ragged float [B, None], NaN where unknown.
        item_weights: ragged float [B, None], above 0.
        weights: weight of each list, float [B]; 1 for all by default.

    Returns:
        Relevance and weights of the lists, as a listwise loss takes them.
    """
    rows, lists = relevance.value_rowids(), relevance.nrows()
    gains = tf.pow(2.0, relevance.flat_values) - 1
    weighed = gains * item_weights.flat_values
    known = tf.math.logical_not(tf.math.is_nan(gains))
    before, after = (
        tf.math.unsorted_segment_sum(tf.where(known, values, 0.0), rows, lists)
        for values in (gains, weighed)
    )
    factor = tf.where(before > 0, after / tf.where(before > 0, before, 1.0), 1.0)
    counted = relevance.with_flat_values(tf.math.log1p(weighed) / math.log(2))
    return counted, list_weights(weights, lists) * factor


def counted_items(
    labels: tf.RaggedTensor, item_weights: tf.RaggedTensor, weights: tf.Tensor | None
) -> tf.RaggedTensor:
    """For pointwise losses: a positive item counts as often as its weight says, others once.

    Args:
        labels: ragged float [B, None], 0 or 1, NaN where unknown.
        item_weights: ragged float [B, None], above 0.
        weights: weight of each list, float [B]; 1 for all by default.

    Returns:
        Weights of the items, ragged float [B, None].
    """
    of_lists = tf.gather(list_weights(weights, labels.nrows()), labels.value_rowids())
    own = tf.where(labels.flat_values > 0, item_weights.flat_values, 1.0)
    return labels.with_flat_values(of_lists * own)
