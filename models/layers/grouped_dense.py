"""Linear layers in groups, each group with an input of its own, as few matrix products."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import tensorflow as tf

from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class GroupedDense(tf.keras.layers.Layer):
    """y_e = activation(x_g(e) kernel_e + bias_e) for layers e in groups g.

    All layers that read one input are one product, and so are all groups of the same size.
    Kernels and biases start U(+-1/sqrt(width of the input)).

    Args:
        units: width of each layer's output.
        groups: number of layers in each group; layers are numbered group by group.
        activation: name of a Keras activation; None is linear.
        seed: seed of the draw.
    """

    def __init__(
        self,
        units: int,
        groups: Sequence[int],
        activation: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.groups = tuple(groups)
        self.activation = activation
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes kernel `[layers, width, units]` and bias `[layers, units]`."""
        width, layers = input_shape[-1], sum(self.groups)
        self.kernel = self._add("kernel", (layers, width, self.units), width)
        self.bias = self._add("bias", (layers, self.units), width)
        super().build(input_shape)

    def _add(self, name: str, shape: tuple[int, ...], width: int) -> tf.Variable:
        limit = width**-0.5
        seed = derived_seed(self.seed, name)
        initial = tf.keras.initializers.RandomUniform(-limit, limit, seed)
        return self.add_weight(name, shape, initializer=initial)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Applies every layer to its group's input.

        Args:
            inputs: float [N, width] for all groups, or [N, groups, width].

        Returns:
            float [N, layers, units].
        """
        outputs = self._common(inputs) if inputs.shape.rank == 2 else self._grouped(inputs)
        return tf.keras.activations.get(self.activation)(outputs + self.bias)

    def _common(self, inputs: tf.Tensor) -> tf.Tensor:
        kernel = _side_by_side(self.kernel)
        return tf.reshape(tf.matmul(inputs, kernel), (-1, sum(self.groups), self.units))

    def _grouped(self, inputs: tf.Tensor) -> tf.Tensor:
        streams = tf.transpose(inputs, (1, 0, 2))
        outputs, group, layer = [], 0, 0
        for size, run in groupby(self.groups):
            groups = len(list(run))
            kernels = self.kernel[layer : layer + groups * size]
            kernels = tf.reshape(kernels, (groups, size, -1, self.units))
            product = tf.matmul(streams[group : group + groups], _side_by_side(kernels))
            product = tf.transpose(product, (1, 0, 2))
            outputs.append(tf.reshape(product, (-1, groups * size, self.units)))
            group, layer = group + groups, layer + groups * size
        return tf.concat(outputs, axis=1)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        """Shape [N, layers, units] of the outputs."""
        return tf.TensorShape((input_shape[0], sum(self.groups), self.units))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("units", "groups", "activation", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def _side_by_side(kernels: tf.Tensor) -> tf.Tensor:
    """Kernels [..., layers, width, units] as one kernel [..., width, layers * units]."""
    *outer, layers, width, units = kernels.shape
    order = (*range(len(outer)), len(outer) + 1, len(outer), len(outer) + 2)
    return tf.reshape(tf.transpose(kernels, order), (*outer, width, layers * units))
