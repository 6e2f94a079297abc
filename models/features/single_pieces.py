"""The single pieces of a batch's histories, as what was done to them is learnt from them."""

from typing import NamedTuple

import tensorflow as tf


class SinglePieces(NamedTuple):
    """P entries of histories that are of single pieces.

    Attributes:
        entries: the id's embedding, scaled and shifted, and the side information, float [P, width].
        actions: id of what was done, int64 [P].
        list_of_entry: the list whose history the entry is in, int64 [P].
    """

    entries: tf.Tensor
    actions: tf.Tensor
    list_of_entry: tf.Tensor
