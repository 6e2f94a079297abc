"""The three streams of features that every ranker takes."""

from collections.abc import Mapping
from typing import TypeAlias

import tensorflow as tf

from models.layers.axes import Names
from models.layers.partly_learnt import PartlyLearnt

COUNTRY, DEPENDENT, INVARIANT = "country", "dependent", "invariant"
STREAMS = (COUNTRY, DEPENDENT, INVARIANT)

# Where the country features are those of lists: the stream with a row a list, and each item's row.
COUNTRY_OF_LISTS, LIST_OF_ITEM = "country_of_lists", "list_of_item"

# Where lists mix kinds of items: float [N, K], 1 at each item's kind.
KINDS_OF_ITEMS = "kinds"

# Where histories are among the dependent features: float [1, width], 0 at their columns, which no
# shift by region moves, so that an empty history stays 0; 1 at all others.
SHIFTED = "shifted"
# The same of the invariant ones, for what shifts all of a ranker's inputs.
SHIFTED_INVARIANT = "shifted_invariant"

# In training: each stream as `PartlyLearnt`, where it is known which of its columns have weights
# behind them.
LEARNT = {stream: f"{stream}_learnt" for stream in STREAMS}

Streams: TypeAlias = Mapping[str, tf.Tensor]
Shapes: TypeAlias = Mapping[str, tf.TensorShape]
# Names of each stream's columns.
Columns: TypeAlias = Mapping[str, Names]


def columns_of(streams: Streams, name: str) -> tf.Tensor | PartlyLearnt:
    """A stream, with what is known of its columns that have weights behind them.

    Args:
        streams: the streams.
        name: of one of them.

    Returns:
        float [N, width].
    """
    return streams.get(LEARNT[name], streams[name])


def check_streams(shapes: Shapes) -> None:
    """Checks that there is something to rank by.

    Args:
        shapes: shape of each stream, [N, width].

    Raises:
        ValueError: a stream is missing, its width is not known, or all are empty.
    """
    if set(STREAMS) - set(shapes):
        raise ValueError(f"expected the streams {STREAMS}, found {tuple(shapes)}")
    widths = {name: shapes[name][-1] for name in STREAMS}
    if None in widths.values() or not any(widths.values()):
        raise ValueError(f"expected streams of known width with a feature, found {widths}")


def joined_shape(*shapes: tf.TensorShape) -> tf.TensorShape:
    """Shape of tensors that are joined along their last axis.

    Args:
        shapes: shapes that differ in their last axis alone.

    Returns:
        The shape of the whole.
    """
    return tf.TensorShape((*shapes[0][:-1], sum(shape[-1] for shape in shapes)))
