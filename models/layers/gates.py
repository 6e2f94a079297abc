"""Gates: mixtures of experts, weighed by what a gate reads."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.grouped_dense import GroupedDense


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Gates(tf.keras.layers.Layer):
    """mixture_g = sum over e in choices_g of softmax(x_g kernel_g + bias_g)_e * expert_e.

    Weights a that read no input can be added: mixture_g += sum over e of a_ge * expert_e.

    Args:
        choices: numbers of the experts that each gate weighs, as many for every gate.
        seed: seed of initial weights.
    """

    def __init__(
        self, choices: Sequence[Sequence[int]], seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.choices = tuple(map(tuple, choices))
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes a linear layer a gate."""
        gates, weighed = len(self.choices), len(self.choices[0])
        linear = GroupedDense(weighed, (1,) * gates, seed=self.seed, name="linear")
        self.linear = build_inside(linear, input_shape)
        super().build(input_shape)

    def weigh(
        self, inputs: tf.Tensor | Sequence[tf.Tensor], experts: int, added: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Weighs experts.

        Args:
            inputs: what gates read, float [N, width] for all, or a sequence of these, one for
                each gate.
            experts: number of experts.
            added: float [gates, experts], weights to add.

        Returns:
            float [N, gates, experts]; 0 where a gate does not choose, beside what is added.
        """
        weights = tf.nn.softmax(self.linear(inputs))
        if any(choice != tuple(range(experts)) for choice in self.choices):
            weights = self._placed(weights, experts)
        return weights if added is None else weights + added

    def call(
        self,
        inputs: tf.Tensor | Sequence[tf.Tensor],
        experts: tf.Tensor,
        added: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Mixes experts.

        Args:
            inputs: what gates read; see `weigh`.
            experts: float [N, experts, units].
            added: float [gates, experts], weights to add.

        Returns:
            float [N, gates, units].
        """
        return tf.matmul(self.weigh(inputs, experts.shape[1], added), experts)

    def _placed(self, weights: tf.Tensor, experts: int) -> tf.Tensor:
        """Weights [N, gates, choices] as [N, gates, experts], 0 where a gate does not choose."""
        gates, weighed = len(self.choices), len(self.choices[0])
        # A product with 0 and 1: its gradient is one too, and that of a gather a sum row by row.
        places = np.zeros((gates * weighed, gates, experts), np.float32)
        for gate, choice in enumerate(self.choices):
            places[range(gate * weighed, (gate + 1) * weighed), gate, list(choice)] = 1
        flat = tf.reshape(weights, (-1, gates * weighed))
        placed = tf.matmul(flat, tf.constant(places.reshape(gates * weighed, -1), flat.dtype))
        return tf.reshape(placed, (-1, gates, experts))

    def axes(
        self, inputs: Names | None, gates: Names | None = None, experts: Names | None = None
    ) -> Iterator[NamedAxes]:
        """The weights with the names of inputs, gates and weighed experts, where these have any."""
        yield from self.linear.axes(inputs, gates, experts)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        return {**super().get_config(), "choices": self.choices, "seed": self.seed}
