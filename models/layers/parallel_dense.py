"""Several linear layers of the same shape, a product each."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.partly_learnt import PartlyLearnt, product
from models.layers.seeds import derived_seed, seeded


@tf.keras.utils.register_keras_serializable(package="seqmd")
class ParallelDense(tf.keras.layers.Layer):
    """`copies` linear layers beside each other: y_c = activation(x_c kernel_c + bias_c).

    Args:
        units: width of the output.
        copies: number of layers, C.
        activation: name of a Keras activation; None is linear.
        zero: whether kernels start at zero instead of a Glorot draw; biases always do.
        common_draw: whether all copies start from the same draw: hidden units of the same number
            then stay comparable, and a mean of two copies is a copy.
        seed: seed of the draw.
    """

    def __init__(
        self,
        units: int,
        copies: int,
        activation: str | None = None,
        zero: bool = False,
        common_draw: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.copies = copies
        self.activation = activation
        self.zero = zero
        self.common_draw = common_draw
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes kernel `[C, width, units]` and bias `[C, 1, units]`."""
        shape = (self.copies, input_shape[-1], self.units)
        self.kernel = self.add_weight("kernel", shape, initializer=self._initial_kernel)
        self.bias = self.add_weight("bias", (self.copies, 1, self.units), initializer="zeros")
        super().build(input_shape)

    def _initial_kernel(
        self, shape: tf.TensorShape, dtype: tf.DType | None = None, **_: Any
    ) -> tf.Tensor:
        if self.zero:
            return tf.zeros(shape, dtype)
        drawn = 1 if self.common_draw else self.copies
        seeds = [derived_seed(self.seed, copy) for copy in range(drawn)]
        draws = [seeded("glorot_uniform", seed)(shape[1:], dtype) for seed in seeds]
        return tf.stack(draws * (self.copies // drawn))

    def call(
        self, inputs: Sequence[tf.Tensor | PartlyLearnt], added: Sequence[tf.Tensor] | None = None
    ) -> list[tf.Tensor]:
        """Applies each copy to its input.

        Args:
            inputs: C times float [N, width].
            added: C times float [N, units], what is added before the activation, if anything.

        Returns:
            C times float [N, units].
        """
        # One batched product of all copies, and its gradients, take longer than a product a copy.
        products = map(product, inputs, tf.unstack(self.kernel))
        outputs = map(tf.nn.bias_add, products, tf.unstack(self.bias[:, 0]))
        if added is not None:
            outputs = map(tf.add, outputs, added)
        return list(map(tf.keras.activations.get(self.activation), outputs))

    def axes(
        self, inputs: Names | None = None, copies: Names | None = None, units: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of inputs, copies and units, where these have names."""
        yield name_axes(self.kernel, copies, inputs, units)
        yield name_axes(self.bias, copies, None, units)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("units", "copies", "activation", "zero", "common_draw", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
