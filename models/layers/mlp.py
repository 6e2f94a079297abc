"""A multi-layer perceptron, or several of the same shape side by side."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, unit_names
from models.layers.building import build_inside, one_shape
from models.layers.dropout import StatelessDropout
from models.layers.parallel_dense import ParallelDense
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

    def build(self, input_shape: tf.TensorShape | Sequence[tf.TensorShape]) -> None:
        """Makes the layers."""
        self.stack = []
        shape = one_shape(input_shape)
        for number, units in enumerate(self.units):
            for layer in self._layers_of(number, units):
                self.stack.append(build_inside(layer, shape))
                shape = tf.TensorShape((self.copies, *shape[-2:-1], units))
        super().build(input_shape)

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
        self, inputs: tf.Tensor | Sequence[tf.Tensor], training: bool | None = None
    ) -> list[tf.Tensor]:
        """Applies the stacks.

        Args:
            inputs: float [N, width] for all copies, or a sequence of these, one for each copy.
            training: whether units are dropped.

        Returns:
            C times float [N, units[-1]].
        """
        outputs = [inputs] * self.copies if tf.is_tensor(inputs) else list(inputs)
        for layer in self.stack:
            if not isinstance(layer, StatelessDropout):
                outputs = layer(outputs)
            elif training:
                outputs = tf.unstack(layer(tf.stack(outputs), training=training))
        return outputs

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
            last = number == len(layers) - 1
            yield from layer.axes(None if number else inputs, copies, outputs if last else None)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ["units", "copies", "activation", "last_activation", "zero_last", "common_draw"]
        own += ["dropout", "seed"]
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
