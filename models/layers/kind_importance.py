"""How much each feature of one kind of items says, item by item."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes
from models.layers.seeds import derived_seed, seeded


@tf.keras.utils.register_keras_serializable(package="seqmd")
class KindImportance(tf.keras.layers.Layer):
    """p = 2 sigmoid([x_L, ReLU(v W + b)] K + c), a number a feature; K and c start at 0, p at 1.

    x_L is an explicit cross of the features' columns v: x_0 = v,
    x_(l+1) = x_l (x_0 . w_l) + b_l + x_0.

    Args:
        features: number of features, F.
        crosses: layers of the explicit cross, L.
        implicit_units: width of the implicit one.
        seed: seed of the draw.

    Source:
        MKT (arXiv 2402.19101), heterogeneous feature alignment.
    """

    def __init__(
        self,
        features: int,
        crosses: int = 2,
        implicit_units: int = 16,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.features = features
        self.crosses = crosses
        self.implicit_units = implicit_units
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the kernels and biases."""
        width, units = input_shape[-1], self.implicit_units
        self.cross_kernels = [self._kernel(f"cross_{n}", (width, 1)) for n in range(self.crosses)]
        self.cross_biases = [
            self.add_weight(f"cross_{n}_bias", (width,), initializer="zeros")
            for n in range(self.crosses)
        ]
        self.implicit_kernel = self._kernel("implicit", (width, units))
        self.implicit_bias = self.add_weight("implicit_bias", (units,), initializer="zeros")
        # Apart, since only the first one's rows are columns of features.
        self.explicit_importance = self._zeros("explicit_importance_kernel", width)
        self.implicit_importance = self._zeros("implicit_importance_kernel", units)
        self.importance_bias = self.add_weight("bias", (self.features,), initializer="zeros")
        super().build(input_shape)

    def _kernel(self, name: str, shape: tuple[int, int]) -> tf.Variable:
        initial = seeded("glorot_uniform", derived_seed(self.seed, name))
        return self.add_weight(f"{name}_kernel", shape, initializer=initial)

    def _zeros(self, name: str, width: int) -> tf.Variable:
        return self.add_weight(name, (width, self.features), initializer="zeros")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Weighs features.

        Args:
            inputs: the columns of the features, float [N, width].

        Returns:
            float [N, F] between 0 and 2.
        """
        explicit = inputs
        for kernel, bias in zip(self.cross_kernels, self.cross_biases, strict=True):
            explicit = explicit * tf.matmul(inputs, kernel) + bias + inputs
        implicit = tf.nn.relu(tf.matmul(inputs, self.implicit_kernel) + self.implicit_bias)
        logits = tf.matmul(explicit, self.explicit_importance) + self.importance_bias
        return 2 * tf.sigmoid(logits + tf.matmul(implicit, self.implicit_importance))

    def axes(self, columns: Names, features: Names) -> Iterator[NamedAxes]:
        """The weights with the names of columns, and of a column of each feature."""
        for kernel, bias in zip(self.cross_kernels, self.cross_biases, strict=True):
            yield name_axes(kernel, columns)
            yield name_axes(bias, columns)
        yield name_axes(self.implicit_kernel, columns)
        yield name_axes(self.explicit_importance, columns, features)
        yield name_axes(self.implicit_importance, None, features)
        yield name_axes(self.importance_bias, features)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("features", "crosses", "implicit_units", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
