"""A multi-layer perceptron, or several of the same shape side by side."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, unit_names
from models.layers.building import build_inside, one_shape
from models.layers.dropout import StatelessDropout
from models.layers.hidden_adaptor import HiddenAdaptor
from models.layers.parallel_dense import ParallelDense
from models.layers.partly_learnt import PartlyLearnt, whole
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class MultiLayerPerceptron(tf.keras.layers.Layer):
    """`copies` stacks of linear layers with an activation after each.

    Without units it passes its input on, once for each copy.

    Args:
        units: widths of the layers.
        copies: number of stacks, C.
        activation: activation after each layer but the last.
        last_activation: activation after the last layer; None is linear.
        zero_last: whether the last layer starts at zero, and the output with it.
        common_draw: whether all copies start from the same draw.
        dropout: share of the activated units that are dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the layers have by region; see `HiddenAdaptor`.
    """

    def __init__(
        self,
        units: Sequence[int],
        copies: int = 1,
        activation: str | None = "relu",
        last_activation: str | None = "relu",
        zero_last: bool = False,
        common_draw: bool = True,
        dropout: float = 0.0,
        seed: int | None = None,
        by_region: RegionParts = NOTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = tuple(units)
        self.copies = copies
        self.activation = activation
        self.last_activation = last_activation
        self.zero_last = zero_last
        self.common_draw = common_draw
        self.dropout = dropout
        self.seed = seed
        self.by_region = RegionParts(*by_region)

    def build(self, input_shape: tf.TensorShape | Sequence[tf.TensorShape]) -> None:
        """Makes the layers."""
        self.stack = []
        self.adaptors = {}
        shape = one_shape(input_shape)
        for number, units in enumerate(self.units):
            if any(self.by_region):
                adaptor = self._adaptor(number, units)
                self.adaptors[f"dense_{number}"] = build_inside(adaptor, shape)
            for layer in self._layers_of(number, units):
                self.stack.append(build_inside(layer, shape))
                shape = tf.TensorShape((self.copies, *shape[-2:-1], units))
        super().build(input_shape)

    def _adaptor(self, number: int, units: int) -> HiddenAdaptor:
        seed = derived_seed(self.seed, "region", number)
        groups = (1,) * self.copies
        return HiddenAdaptor(units, groups, self.by_region, seed, name=f"region_{number}")

    def _layers_of(self, number: int, units: int) -> list[tf.keras.layers.Layer]:
        last = number == len(self.units) - 1
        activation = self.last_activation if last else self.activation
        dense = ParallelDense(
            units,
            self.copies,
            activation,
            zero=last and self.zero_last,
            common_draw=self.common_draw,
            seed=derived_seed(self.seed, "dense", number),
            name=f"dense_{number}",
        )
        if not self.dropout or activation is None:
            return [dense]
        seed = derived_seed(self.seed, "dropout", number)
        return [dense, StatelessDropout(self.dropout, seed, name=f"dropout_{number}")]

    def call(
        self,
        inputs: tf.Tensor | PartlyLearnt | Sequence[tf.Tensor],
        region: Region | None = None,
        training: bool | None = None,
    ) -> list[tf.Tensor]:
        """Applies the stacks.

        Args:
            inputs: float [N, width] for all copies, or a sequence of these, one for each copy.
            region: of the items; None leaves out what the layers have by region.
            training: whether units are dropped.

        Returns:
            C times float [N, units[-1]].
        """
        outputs = list(inputs) if isinstance(inputs, list | tuple) else [inputs] * self.copies
        for layer in self.stack:
            if not isinstance(layer, StatelessDropout):
                outputs = self._applied(layer, outputs, region)
            elif training:
                outputs = tf.unstack(layer(tf.stack(outputs), training=training))
        return list(map(whole, outputs))

    def _applied(
        self, dense: ParallelDense, inputs: list[tf.Tensor | PartlyLearnt], region: Region | None
    ) -> list[tf.Tensor]:
        adaptor = self.adaptors.get(dense.name)
        if adaptor is None or region is None:
            return dense(inputs)
        change = adaptor.change(inputs, region)
        added = None if change is None else tf.unstack(change, axis=1)
        gated = adaptor(tf.stack(dense(inputs, added), axis=1), region)
        return tf.unstack(gated, axis=1)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        """Shape [C, N, width] of the outputs, stacked."""
        return tf.TensorShape((self.copies, input_shape[-2], (self.units or input_shape)[-1]))

    def output_names(self, inputs: Names) -> Names:
        """Names of the outputs: those of the inputs where they are passed on."""
        return unit_names(self.name, self.units[-1]) if self.units else inputs

    def axes(
        self, inputs: Names | None, copies: Names | None = None, outputs: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of inputs, copies and outputs, where these have names."""
        layers = [layer for layer in self.stack if isinstance(layer, ParallelDense)]
        for number, layer in enumerate(layers):
            read = None if number else inputs
            put_out = outputs if number == len(layers) - 1 else None
            yield from layer.axes(read, copies, put_out)
            if layer.name in self.adaptors:
                yield from self.adaptors[layer.name].axes(read, copies, put_out)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ["units", "copies", "activation", "last_activation", "zero_last", "common_draw"]
        own += ["dropout", "seed", "by_region"]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
