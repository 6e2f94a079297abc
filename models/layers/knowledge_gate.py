"""What one kind's model takes of the knowledge that all kinds have in common."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, name_axes
from models.layers.seeds import derived_seed, seeded
from models.layers.streams import DEPENDENT, INVARIANT, Columns, Shapes, Streams

_READ = (DEPENDENT, INVARIANT)


@tf.keras.utils.register_keras_serializable(package="seqmd")
class KnowledgeGate(tf.keras.layers.Layer):
    """x_s + (g A_s) * sigmoid(g B_s + b_s) for a stream x_s and common knowledge g.

    A_s starts at 0, so that it starts as no gate.

    Args:
        width: of the common knowledge.
        seed: seed of the draw.

    Source:
        MKT (arXiv 2402.19101), second stage.
    """

    def __init__(self, width: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width
        self.seed = seed

    def build(self, input_shape: Shapes) -> None:
        """Makes the kernels of each stream that has columns."""
        self.kernels: dict[str, tuple[tf.Variable, tf.Variable, tf.Variable]] = {}
        for stream in _READ:
            columns = input_shape[stream][-1]
            if columns:
                shape, seed = (self.width, columns), derived_seed(self.seed, stream)
                drawn = seeded("glorot_uniform", seed)
                self.kernels[stream] = (
                    self.add_weight(f"{stream}_kernel", shape, initializer="zeros"),
                    self.add_weight(f"{stream}_gate_kernel", shape, initializer=drawn),
                    self.add_weight(f"{stream}_gate_bias", (columns,), initializer="zeros"),
                )
        super().build(input_shape)

    def call(self, inputs: Streams, common: tf.Tensor) -> dict[str, tf.Tensor]:
        """Adds what passes the gate.

        Args:
            inputs: streams `dependent` and `invariant`, float [N, width] each, and others, which
                are passed on.
            common: the common knowledge, float [N, width].

        Returns:
            The streams.
        """
        found = dict(inputs)
        for stream, (kernel, gate, bias) in self.kernels.items():
            opened = tf.sigmoid(tf.matmul(common, gate) + bias)
            found[stream] = inputs[stream] + tf.matmul(common, kernel) * opened
        return found

    def axes(self, streams: Columns) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns."""
        for stream, (kernel, gate, bias) in self.kernels.items():
            yield name_axes(kernel, None, streams[stream])
            yield name_axes(gate, None, streams[stream])
            yield name_axes(bias, streams[stream])

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        return {**super().get_config(), "width": self.width, "seed": self.seed}
