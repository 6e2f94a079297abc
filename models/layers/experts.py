"""Experts of one level."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.dropout import StatelessDropout
from models.layers.grouped_dense import GroupedDense
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Experts(tf.keras.layers.Layer):
    """expert_e = relu(x_g(e) kernel_e + bias_e), dropped in training.

    Args:
        units: width of an expert.
        streams: number of experts that read each stream.
        dropout: share of units dropped in training.
        seed: seed of initial weights and dropout.
    """

    def __init__(
        self,
        units: int,
        streams: Sequence[int],
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.streams = tuple(streams)
        self.dropout = dropout
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the experts' linear layers."""
        seed = derived_seed(self.seed, "linear")
        linear = GroupedDense(self.units, self.streams, "relu", seed, name="linear")
        self.linear = build_inside(linear, input_shape)
        seed = derived_seed(self.seed, "dropout")
        dropped = StatelessDropout(self.dropout, seed, name="dropout")
        self.dropped = build_inside(dropped, linear.compute_output_shape(input_shape))
        super().build(input_shape)

    def call(
        self, inputs: tf.Tensor | Sequence[tf.Tensor], training: bool | None = None
    ) -> tf.Tensor:
        """Applies the experts.

        Args:
            inputs: float [N, width] for all streams, or a sequence of these, one for each stream.
            training: whether units are dropped.

        Returns:
            float [N, experts, units].
        """
        return self.dropped(self.linear(inputs), training=training)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        """Shape [N, experts, units] of the outputs."""
        return tf.TensorShape((input_shape[0], sum(self.streams), self.units))

    def axes(self, inputs: Names | None, experts: Names | None = None) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of experts, where these have names."""
        yield from self.linear.axes(inputs, experts)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("units", "streams", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
