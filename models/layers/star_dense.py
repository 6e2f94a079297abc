"""A linear layer of a star: what all regions share, times what each has of its own."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class StarDense(tf.keras.layers.Layer):
    """y = relu(x (kernel * own_r) + bias + own_bias_r), own_r = 1 + country_r own.

    The region's own numbers are linear in its country features, which for an embedding as wide as
    there are regions is a table of regions; a region whose country features are all 0 has the
    shared ones. They start at exactly 1 and 0. Kernel and bias start U(+-1/sqrt(width of x)).

    Args:
        units: width of the output.
        seed: seed of the draw.

    Source:
        STAR (arXiv 2101.11427), equations 8 and 9.
    """

    def __init__(self, units: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.seed = seed

    def build(self, input_shape: tuple[tf.TensorShape, tf.TensorShape]) -> None:
        """Makes the shared kernel `[width, units]` and the region's own `[C, width, units]`.

        Args:
            input_shape: of the inputs and of the country features.
        """
        width, country = (shape[-1] for shape in input_shape)
        limit = width**-0.5
        kernel, bias = (
            tf.keras.initializers.RandomUniform(-limit, limit, derived_seed(self.seed, name))
            for name in ("kernel", "bias")
        )
        self.kernel = self.add_weight("kernel", (width, self.units), initializer=kernel)
        self.bias = self.add_weight("bias", (self.units,), initializer=bias)
        shape = (country, width, self.units)
        self.own = self.add_weight("own_kernel", shape, initializer="zeros")
        self.own_bias = self.add_weight("own_bias", shape[::2], initializer="zeros")
        super().build(input_shape)

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        """Applies the layer.

        Args:
            inputs: x, float [N, width], and country features, float [N, C].

        Returns:
            float [N, units].
        """
        values, country = inputs
        # One product: sum over c of country_c x (kernel * own_c), beside the shared part.
        parts = tf.pad(country, ((0, 0), (1, 0)), constant_values=1)
        kernels = tf.concat([self.kernel[tf.newaxis], self.kernel * self.own], axis=0)
        rows = kernels.shape[0] * kernels.shape[1]
        crossed = tf.reshape(parts[:, :, tf.newaxis] * values[:, tf.newaxis], (-1, rows))
        outputs = tf.matmul(crossed, tf.reshape(kernels, (rows, self.units)))
        return tf.nn.relu(outputs + self.bias + tf.matmul(country, self.own_bias))

    def axes(self, inputs: Names | None, country: Names) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of country features."""
        yield name_axes(self.kernel, inputs)
        yield name_axes(self.own, country, inputs)
        yield name_axes(self.own_bias, country)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        return {**super().get_config(), "units": self.units, "seed": self.seed}
