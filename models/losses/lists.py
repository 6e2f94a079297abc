"""The lists that a listwise loss sees: labelled items of lists that have something to learn."""

from typing import NamedTuple

import tensorflow as tf

# A label below zero marks padding for TF-Ranking.
PADDING_LABEL = -1.0


class Lists(NamedTuple):
    """Lists without their unlabelled items.

    Attributes:
        relevance: float [N], 0 or more.
        logits: float [N].
        row_lengths: items of each list, int [B].
        weights: weight of each list, float [B].
    """

    relevance: tf.Tensor
    logits: tf.Tensor
    row_lengths: tf.Tensor
    weights: tf.Tensor

    def dense(self, values: tf.Tensor, padding: float = 0.0) -> tf.Tensor:
        """Pads flat values to `[B, L, ...]`.

        Args:
            values: float [N, ...].
            padding: value of the padding.

        Returns:
            float [B, L, ...], L being the length of the longest list.
        """
        ragged = tf.RaggedTensor.from_row_lengths(values, self.row_lengths, validate=False)
        return ragged.to_tensor(padding)

    def mask(self) -> tf.Tensor:
        """Which places of the padded lists hold an item, bool [B, L]."""
        return tf.sequence_mask(self.row_lengths)


def learnable_lists(
    relevance: tf.RaggedTensor, logits: tf.RaggedTensor, weights: tf.Tensor | None
) -> Lists:
    """Keeps the lists that have something relevant and more than one labelled item.

    Args:
        relevance: ragged float [B, None], NaN where a label is missing.
        logits: ragged float [B, None].
        weights: weight of each list, float [B]; 1 for all by default.

    Returns:
        The lists that are left, without their unlabelled items, and one of weight 0.
    """
    rows, lists = relevance.value_rowids(), relevance.nrows()
    labels = relevance.flat_values
    labelled = tf.logical_not(tf.math.is_nan(labels))
    lengths = tf.math.unsorted_segment_sum(tf.cast(labelled, tf.int64), rows, lists)
    positive = tf.math.unsorted_segment_sum(tf.cast(labels > 0, tf.int64), rows, lists)
    kept_lists = tf.logical_and(positive > 0, lengths > 1)
    kept = tf.logical_and(labelled, tf.gather(kept_lists, rows))
    weights = list_weights(weights, lists)
    return _with_list_of_no_weight(
        tf.boolean_mask(labels, kept),
        tf.boolean_mask(logits.flat_values, kept),
        tf.boolean_mask(lengths, kept_lists),
        tf.boolean_mask(weights, kept_lists),
    )


def _with_list_of_no_weight(
    relevance: tf.Tensor, logits: tf.Tensor, row_lengths: tf.Tensor, weights: tf.Tensor
) -> Lists:
    """Adds a list with weight 0, since TF-Ranking fails on a batch without lists."""
    return Lists(
        tf.concat([relevance, [1.0, 0.0]], axis=0),
        tf.concat([logits, [0.0, 0.0]], axis=0),
        tf.concat([row_lengths, [2]], axis=0),
        tf.concat([weights, [0.0]], axis=0),
    )


def list_weights(weights: tf.Tensor | None, lists: tf.Tensor) -> tf.Tensor:
    """Weights of the lists, 1 each where none are given.

    Args:
        weights: float [B] or None.
        lists: number of lists, B.

    Returns:
        float [B].
    """
    return tf.ones([lists]) if weights is None else tf.cast(tf.reshape(weights, [-1]), tf.float32)


def weight_of_known(relevance: tf.RaggedTensor, weights: tf.Tensor) -> tf.Tensor:
    """The weights of all lists that have a label, added up.

    Args:
        relevance: ragged float [B, None], NaN where a label is missing.
        weights: weight of each list, float [B].

    Returns:
        A scalar.
    """
    known = tf.cast(tf.logical_not(tf.math.is_nan(relevance.flat_values)), tf.float32)
    labelled = tf.math.unsorted_segment_sum(known, relevance.value_rowids(), relevance.nrows())
    return tf.reduce_sum(tf.where(labelled > 0, weights, tf.zeros_like(weights)))


def weights_of_items(
    weights: tf.Tensor | tf.RaggedTensor | None, items: tf.RaggedTensor
) -> tf.Tensor:
    """Weights of the items, those of their lists where they have none of their own.

    Args:
        weights: of the lists, float [B], or of the items, ragged float [B, None]; None is 1.
        items: values of the items, ragged [B, None].

    Returns:
        float [N].
    """
    if isinstance(weights, tf.RaggedTensor):
        return weights.flat_values
    return tf.gather(list_weights(weights, items.nrows()), items.value_rowids())
