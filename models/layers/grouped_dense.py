"""Linear layers in groups, each group with an input of its own."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.partly_learnt import PartlyLearnt, product
from models.layers.seeds import derived_seed

Activation = Callable[[tf.Tensor], tf.Tensor]


@tf.keras.utils.register_keras_serializable(package="seqmd")
class GroupedDense(tf.keras.layers.Layer):
    """y_e = activation(x_g(e) kernel_e + bias_e) for layers e in groups g.

    All layers that read one input are one product.
    Kernels and biases start U(+-1/sqrt(width of the input)).

    Args:
        units: width of each layer's output.
        groups: number of layers in each group; layers are numbered group by group.
        activation: name of a Keras activation; None is linear.
        seed: seed of the draw.
        zero: whether kernels and biases start at 0 instead.
    """

    def __init__(
        self,
        units: int,
        groups: Sequence[int],
        activation: str | None = None,
        seed: int | None = None,
        zero: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.groups = tuple(groups)
        self.activation = activation
        self.seed = seed
        self.zero = zero

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes kernel `[layers, width, units]` and bias `[layers, units]`."""
        width, layers = input_shape[-1], sum(self.groups)
        self.kernel = self._add("kernel", (layers, width, self.units), width)
        self.bias = self._add("bias", (layers, self.units), width)
        super().build(input_shape)

    def _add(self, name: str, shape: tuple[int, ...], width: int) -> tf.Variable:
        if self.zero:
            return self.add_weight(name, shape, initializer="zeros")
        limit = width**-0.5
        seed = derived_seed(self.seed, name)
        initial = tf.keras.initializers.RandomUniform(-limit, limit, seed)
        return self.add_weight(name, shape, initializer=initial)

    def call(
        self, inputs: tf.Tensor | PartlyLearnt | Sequence[tf.Tensor], added: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Applies every layer to its group's input.

        Args:
            inputs: float [N, width] for all groups, or a sequence of these, one for each group.
            added: float [N, layers, units], what is added before the activation, if anything.

        Returns:
            float [N, layers, units].
        """
        activation = tf.keras.activations.get(self.activation)
        if added is not None:
            return activation(self._products(inputs, tf.identity) + added)
        return self._products(inputs, activation)

    def _products(
        self, inputs: tf.Tensor | PartlyLearnt | Sequence[tf.Tensor], activation: Activation
    ) -> tf.Tensor:
        if not isinstance(inputs, list | tuple):
            return self._product(inputs, self.kernel, self.bias, activation)
        # A product a group: batched products need transposes, which take longer than they save.
        kernels, biases = tf.split(self.kernel, self.groups), tf.split(self.bias, self.groups)
        found = [
            self._product(*one, activation) for one in zip(inputs, kernels, biases, strict=True)
        ]
        return tf.concat(found, axis=1)

    def _product(
        self,
        inputs: tf.Tensor | PartlyLearnt,
        kernels: tf.Tensor,
        biases: tf.Tensor,
        activation: Activation,
    ) -> tf.Tensor:
        """Layers that read one input, float [N, layers, units]."""
        layers, width, units = kernels.shape
        side_by_side = tf.reshape(tf.transpose(kernels, (1, 0, 2)), (width, layers * units))
        outputs = tf.nn.bias_add(product(inputs, side_by_side), tf.reshape(biases, [-1]))
        # Before the reshape, TensorFlow makes it one operation with the product.
        return tf.reshape(activation(outputs), (-1, layers, units))

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        """Shape [N, layers, units] of the outputs."""
        return tf.TensorShape((input_shape[0], sum(self.groups), self.units))

    def axes(
        self, inputs: Names | None = None, layers: Names | None = None, units: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of inputs, layers and units, where these have names."""
        yield name_axes(self.kernel, layers, inputs, units)
        yield name_axes(self.bias, layers, units)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("units", "groups", "activation", "seed", "zero")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
