"""Which list each item belongs to, and numbers from lists to items and back."""

import tensorflow as tf

from models.features.within_list import is_one_list, list_of_item


class ItemLists:
    """The lists of N items. What is known to be one list is not looked up by item.

    Args:
        row_lengths: int64 [B], items of each list.
        items: N.
    """

    def __init__(self, row_lengths: tf.Tensor, items: tf.Tensor) -> None:
        self._one = is_one_list(row_lengths)
        self._row = list_of_item(row_lengths, items)
        self._lists = tf.size(row_lengths, tf.int64)

    def of_items(self, values: tf.Tensor) -> tf.Tensor:
        """Values of lists, [B, ...], for each item: [N, ...], or [1, ...] of one list."""
        return values if self._one else tf.gather(values, self._row)

    def largest(self, values: tf.Tensor) -> tf.Tensor:
        """The largest number of each list's items, [N] to [B]; the least there is without items."""
        if self._one:
            return tf.reduce_max(values, axis=0, keepdims=True)
        return tf.math.unsorted_segment_max(values, self._row, self._lists)
