"""What a hidden layer has by region: a gate on its units, a change of low rank to its kernel."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.building import build_inside, one_shape
from models.layers.grouped_dense import GroupedDense
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed
from models.replicas import share_of_whole


@tf.keras.utils.register_keras_serializable(package="seqmd")
class HiddenAdaptor(tf.keras.layers.Layer):
    """y_e = gate_e * activation(x_e (kernel_e + down_e diag(code) up_e) + bias_e) by layers e.

    gate_e = 2 sigmoid(gate kernel_e + bias_e); the kernels and biases of gates and `up` start at 0:
    gates at exactly 1, changes at exactly 0. The inputs of `down` have a constant among them, so
    that the bias changes too.

    Args:
        units: width of each layer's output.
        groups: number of layers that read each input; see `GroupedDense`.
        parts: what there is by region.
        seed: seed of the draw.

    Source:
        Gates: PEPNet (arXiv 2302.01115), equation 2; changes: MLoRA (arXiv 2408.08913).
    """

    def __init__(
        self,
        units: int,
        groups: Sequence[int],
        parts: RegionParts = NOTHING,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.groups = tuple(groups)
        self.parts = RegionParts(*parts)
        self.seed = seed

    def build(self, input_shape: tf.TensorShape | Sequence[tf.TensorShape]) -> None:
        """Makes the kernels."""
        self.gate, self.down = None, None
        layers = sum(self.groups)
        if self.parts.gate_units:
            gate = GroupedDense(self.units, (layers,), zero=True, name="gate")
            self.gate = build_inside(gate, tf.TensorShape((None, self.parts.gate_units)))
        if self.parts.rank:
            seed = derived_seed(self.seed, "down")
            down = GroupedDense(self.parts.rank, self.groups, seed=seed, name="down")
            self.down = build_inside(down, one_shape(input_shape))
            shape = (layers, self.parts.rank, self.units)
            self.up = self.add_weight("up_kernel", shape, initializer="zeros")
        super().build(input_shape)

    def change(
        self, inputs: tf.Tensor | Sequence[tf.Tensor], region: Region | None
    ) -> tf.Tensor | None:
        """What is added to the layers before their activation.

        Args:
            inputs: what the layers read; see `GroupedDense`.
            region: of the items.

        Returns:
            float [N, layers, units]; None where nothing is.
        """
        if self.down is None or region is None or region.code is None:
            return None
        codes = self.down(inputs) * region.code[:, tf.newaxis]
        products = map(tf.matmul, tf.unstack(codes, axis=1), tf.unstack(self.up))
        change = tf.stack(list(products), axis=1)
        self._penalise(change, region)
        return change

    def call(self, outputs: tf.Tensor, region: Region | None = None) -> tf.Tensor:
        """Gates the layers' outputs.

        Args:
            outputs: float [N, layers, units].
            region: of the items.

        Returns:
            float [N, layers, units].
        """
        if self.gate is None or region is None:
            return outputs
        gates = 2 * tf.sigmoid(self.gate(region.gate))
        self._penalise(gates - 1, region)
        return gates * outputs

    def _penalise(self, apart: tf.Tensor, region: Region) -> None:
        """Adds the weighted mean square of what sets items apart, [N, layers, units]."""
        if region.penalty is not None:
            squares = tf.reduce_mean(tf.square(apart), axis=(1, 2))
            self.add_loss(share_of_whole(tf.reduce_sum(region.penalty * squares)))

    def axes(
        self, inputs: Names | None = None, layers: Names | None = None, units: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of inputs, layers and units, where these have names."""
        if self.gate is not None:
            yield from self.gate.axes(None, layers, units)
        if self.down is not None:
            yield from self.down.axes(inputs, layers)
            yield name_axes(self.up, layers, None, units)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("units", "groups", "parts", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
