"""What stands before any ranker where lists mix kinds of items."""

from collections.abc import Iterator

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.kind_alignment import KindAlignment
from models.layers.kind_knowledge import KindKnowledge
from models.layers.knowledge_gate import KnowledgeGate
from models.layers.streams import (
    INVARIANT,
    KINDS_OF_ITEMS,
    LEARNT,
    STREAMS,
    Columns,
    Shapes,
    Streams,
)


class KindStreams(tf.keras.layers.Layer):
    """Streams > features aligned by kind > common and private knowledge beside the invariant ones.

    Args:
        alignment: of the kinds' own features; None leaves them as they are.
        knowledge: common and private; None adds none.
        gate: adds common knowledge to the streams of a second stage, for which all else is frozen;
            None for the first one.
    """

    def __init__(
        self,
        alignment: KindAlignment | None,
        knowledge: KindKnowledge | None,
        gate: KnowledgeGate | None = None,
        name: str = "kinds",
    ) -> None:
        super().__init__(name=name)
        self.alignment = alignment
        self.knowledge = knowledge
        self.gate = gate

    def build_for(self, streams: Columns) -> "KindStreams":
        """Makes the weights for streams with such columns."""
        with tf.name_scope(self.name):
            if self.alignment is not None:
                build_inside(self.alignment, _shapes(streams))
            if self.knowledge is not None:
                aligned, raw = _joined_names(self._aligned_names(streams)), _joined_names(streams)
                shapes = [tf.TensorShape((None, len(names))) for names in (aligned, raw)]
                build_inside(self.knowledge, shapes)
            if self.gate is not None:
                build_inside(self.gate, _shapes(self.output_names(streams)))
        self.built = True
        if self.gate is not None:
            self.freeze()
        return self

    def freeze(self) -> None:
        """Takes all but the gate out of what is trained."""
        for layer in (self.alignment, self.knowledge):
            if layer is not None:
                layer.trainable = False

    def call(self, inputs: Streams, training: bool | None = None) -> dict[str, tf.Tensor]:
        """Makes the ranker's streams.

        Args:
            inputs: the three streams, float [N, width] each, and `kinds`, float [N, K].
            training: whether the polarised loss is added.

        Returns:
            The three streams.
        """
        # All that is made here follows from weights.
        inputs = {name: one for name, one in inputs.items() if name not in LEARNT.values()}
        aligned = inputs if self.alignment is None else self.alignment(inputs)
        if self.knowledge is None:
            return dict(aligned)
        given = [_joined(aligned), _joined(inputs), inputs[KINDS_OF_ITEMS]]
        found = self.knowledge(given, training=training and self.gate is None)
        invariant = tf.concat([aligned[INVARIANT], *found], axis=1)
        made = {**aligned, INVARIANT: invariant}
        return made if self.gate is None else self.gate(made, found[0])

    def _aligned_names(self, streams: Columns) -> Columns:
        return streams if self.alignment is None else self.alignment.output_names(streams)

    def output_names(self, streams: Columns) -> dict[str, Names]:
        """Names of the columns of the ranker's streams."""
        found = dict(self._aligned_names(streams))
        if self.knowledge is not None:
            found[INVARIANT] += self.knowledge.output_names()
        return found

    def axes(self, streams: Columns) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns."""
        if self.alignment is not None:
            yield from self.alignment.axes(streams)
        if self.knowledge is not None:
            aligned = _joined_names(self._aligned_names(streams))
            yield from self.knowledge.axes(aligned, _joined_names(streams))
        if self.gate is not None:
            yield from self.gate.axes(self.output_names(streams))


def _joined(streams: Streams) -> tf.Tensor:
    return tf.concat([streams[name] for name in STREAMS], axis=1)


def _joined_names(streams: Columns) -> Names:
    return tuple(column for name in STREAMS for column in streams[name])


def _shapes(streams: Columns) -> Shapes:
    return {name: tf.TensorShape((None, len(names))) for name, names in streams.items()}
