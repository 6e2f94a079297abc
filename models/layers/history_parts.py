"""Histories taken apart: entries of single pieces, and the rest."""

from typing import NamedTuple

import tensorflow as tf


class HistoryPart(NamedTuple):
    """Some entries of B histories, in their order.

    Attributes:
        places: places of the entries among all, int64 [P].
        lengths: how many of them each history has, int64 [B].
    """

    places: tf.Tensor
    lengths: tf.Tensor

    def of(self, values: tf.Tensor) -> tf.Tensor:
        """The values [P, ...] of the part's entries, of those of all entries [H, ...]."""
        return tf.gather(values, self.places)


def history_parts(chosen: tf.Tensor, lengths: tf.Tensor) -> tuple[HistoryPart, HistoryPart]:
    """Takes histories apart.

    Args:
        chosen: which entries are to make a part of their own, bool [H], all histories flat.
        lengths: entries of each history, int64 [B].

    Returns:
        The chosen entries, and the rest.
    """
    history = tf.repeat(tf.range(tf.size(lengths)), lengths)

    def part(kept: tf.Tensor) -> HistoryPart:
        counted = tf.math.unsorted_segment_sum(tf.cast(kept, tf.int64), history, tf.size(lengths))
        # What is known to be one list stays known to be one.
        known = tf.ensure_shape(counted, lengths.shape)
        return HistoryPart(tf.reshape(tf.where(kept), [-1]), known)

    return part(chosen), part(~chosen)


def few_in_stock(stock: tf.Tensor, at_most: float) -> tf.Tensor:
    """Which entries are of single pieces; those with unknown stock are not.

    Args:
        stock: pieces that there were, float [H], NaN where unknown.
        at_most: pieces of an item that counts as a single one at most.

    Returns:
        bool [H].
    """
    return stock <= at_most
