"""A linear logit a task, beside the network."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.building import build_inside
from models.layers.streams import STREAMS, Columns, Shapes, Streams, check_streams, joined_shape


@tf.keras.utils.register_keras_serializable(package="seqmd")
class LinearPath(tf.keras.layers.Layer):
    """logit_t = w_t [country, dependent, invariant] + b_t; starts at 0.

    Small data sets want it beside a narrow network.

    Args:
        tasks: number of tasks, T.
    """

    def __init__(self, tasks: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks

    def build(self, input_shape: Shapes) -> None:
        """Makes the linear layer."""
        check_streams(input_shape)
        linear = tf.keras.layers.Dense(self.tasks, kernel_initializer="zeros", name="linear")
        shape = joined_shape(*(input_shape[name] for name in STREAMS))
        self.linear = build_inside(linear, shape)
        super().build(input_shape)

    def call(self, inputs: Streams) -> tf.Tensor:
        """Adds up what each input says.

        Args:
            inputs: streams `country`, `dependent`, `invariant`, float [N, width] each.

        Returns:
            float [N, T], to be added to the logits of a ranker.
        """
        return self.linear(tf.concat([inputs[name] for name in STREAMS], axis=-1))

    def axes(self, streams: Columns, tasks: Names) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns and of tasks."""
        yield name_axes(self.linear.kernel, tuple(n for s in STREAMS for n in streams[s]), tasks)
        yield name_axes(self.linear.bias, tasks)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        return {**super().get_config(), "tasks": self.tasks}
