"""Histories taken apart: entries of single pieces, and the rest."""

from typing import NamedTuple

import tensorflow as tf

from models.layers.history_encoder import is_one


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

    def part(kept: tf.Tensor) -> HistoryPart:
        places = tf.reshape(tf.where(kept), [-1])
        if is_one(lengths):
            return HistoryPart(places, tf.shape(places, tf.int64))
        history = tf.repeat(tf.range(tf.size(lengths)), lengths)
        counted = tf.math.unsorted_segment_sum(tf.cast(kept, tf.int64), history, tf.size(lengths))
        return HistoryPart(places, counted)

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
