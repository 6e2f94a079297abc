"""Experts of one level."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.dropout import StatelessDropout
from models.layers.grouped_dense import GroupedDense
from models.layers.hidden_adaptor import HiddenAdaptor
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Experts(tf.keras.layers.Layer):
    """expert_e = relu(x_g(e) kernel_e + bias_e), adapted to the region, dropped in training.

    Args:
        units: width of an expert.
        streams: number of experts that read each stream.
        dropout: share of units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the experts have by region; see `HiddenAdaptor`.
    """

    def __init__(
        self,
        units: int,
        streams: Sequence[int],
        dropout: float = 0.0,
        seed: int | None = None,
        by_region: RegionParts = NOTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.streams = tuple(streams)
        self.dropout = dropout
        self.seed = seed
        self.by_region = RegionParts(*by_region)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the experts' linear layers."""
        seed = derived_seed(self.seed, "linear")
        linear = GroupedDense(self.units, self.streams, "relu", seed, name="linear")
        self.linear = build_inside(linear, input_shape)
        self.adaptor = None
        if any(self.by_region):
            seed = derived_seed(self.seed, "region")
            adaptor = HiddenAdaptor(self.units, self.streams, self.by_region, seed, name="region")
            self.adaptor = build_inside(adaptor, input_shape)
        seed = derived_seed(self.seed, "dropout")
        dropped = StatelessDropout(self.dropout, seed, name="dropout")
        self.dropped = build_inside(dropped, linear.compute_output_shape(input_shape))
        super().build(input_shape)

    def call(
        self,
        inputs: tf.Tensor | Sequence[tf.Tensor],
        region: Region | None = None,
        training: bool | None = None,
    ) -> tf.Tensor:
        """Applies the experts.

        Args:
            inputs: float [N, width] for all streams, or a sequence of these, one for each stream.
            region: of the items; None leaves out what the experts have by region.
            training: whether units are dropped.

        Returns:
            float [N, experts, units].
        """
        if self.adaptor is None:
            return self.dropped(self.linear(inputs), training=training)
        outputs = self.linear(inputs, self.adaptor.change(inputs, region))
        return self.dropped(self.adaptor(outputs, region), training=training)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        """Shape [N, experts, units] of the outputs."""
        return tf.TensorShape((input_shape[0], sum(self.streams), self.units))

    def axes(self, inputs: Names | None, experts: Names | None = None) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of experts, where these have names."""
        yield from self.linear.axes(inputs, experts)
        if self.adaptor is not None:
            yield from self.adaptor.axes(inputs, experts)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("units", "streams", "dropout", "seed", "by_region")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
