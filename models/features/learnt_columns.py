"""The columns of the streams that follow from weights: embeddings, and what the history says."""

from collections.abc import Mapping

import tensorflow as tf

from data.definition.scopes import ScopeName
from models.features.layout import places_of
from models.features.stream_columns import StreamColumns
from models.layers.partly_learnt import PartlyLearnt
from models.layers.streams import LEARNT


def learnt_columns(
    plan: StreamColumns,
    joined: Mapping[str, tf.Tensor],
    embedded: Mapping[ScopeName, Mapping[str, tf.Tensor]],
    said: tf.Tensor | None,
    row: tf.Tensor,
) -> dict[str, PartlyLearnt]:
    """The streams, with their embeddings and what the history says once more.

    Args:
        plan: what the streams are made of.
        joined: by stream, float [N, width].
        embedded: embeddings by scope and feature, float [rows, width] each.
        said: what the history says to each item, float [N, width].
        row: the list of each item, int64 [N].

    Returns:
        By `LEARNT` of each stream.
    """
    found = {}
    for stream, columns in plan.columns().items():
        parts, names = [], []
        for scope in ("item", "context"):
            own = [one for one in plan.wide(stream, scope) if one.name in embedded[scope]]
            names += [name for one in own for name in places_of(one, plan.width(one))]
            if own:
                values = concatenated([embedded[scope][one.name] for one in own])
                parts.append(values if scope == "item" else tf.gather(values, row))
        if said is not None and stream == plan.history_side:
            parts.append(said)
            names += plan.said or ()
        learnt = concatenated(parts) if parts else joined[stream][:, :0]
        places = {column.name: place for place, column in enumerate(columns)}
        own_places = tuple(places[name] for name in names)
        found[LEARNT[stream]] = PartlyLearnt(joined[stream], learnt, own_places)
    return found


def concatenated(parts: list[tf.Tensor]) -> tf.Tensor:
    """Columns side by side; a single part as it is."""
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)
