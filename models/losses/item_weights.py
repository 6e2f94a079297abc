"""Items that were examined less than others: labels, weights and logits that make up for it."""

import math

import tensorflow as tf

from models.losses.lists import list_weights

# In place of a probability of 0, whose log is finite.
_NEVER = 1e-30


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


def examined_logits(logits: tf.RaggedTensor, item_weights: tf.RaggedTensor) -> tf.RaggedTensor:
    """For pointwise losses: the logit of examination * probability.

    Of an item that is examined with probability e = 1 / weight, and then acted on with probability
    p = 1 / (1 + exp(-s)), the logit of e p is
        s + log e - softplus(s + log(1 - e)),
    s itself where e is 1. Cross entropy with it has its minimum where p is what is wanted of the
    item, however little it is examined. Where e is above 1, it is s + log e: the odds times e.

    Args:
        logits: s, ragged float [B, None].
        item_weights: ragged float [B, None], above 0.

    Returns:
        ragged float [B, None].
    """
    own, weights = logits.flat_values, item_weights.flat_values
    hidden = tf.maximum(1.0 - 1.0 / weights, tf.constant(_NEVER, weights.dtype))
    return logits.with_flat_values(
        own - tf.math.log(weights) - tf.math.softplus(own + tf.math.log(hidden))
    )
