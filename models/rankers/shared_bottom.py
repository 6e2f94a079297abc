"""Shared-Bottom: one MLP for all tasks, a tower for each."""

from collections.abc import Iterator, Sequence

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.region import Region
from models.rankers.representation import Representation


@tf.keras.utils.register_keras_serializable(package="seqmd")
class SharedBottom(Representation):
    """One representation for all tasks: x_l = relu(x_{l-1} kernel_l + bias_l).

    Args:
        tasks: number of tasks, T.
        level_units: widths of the layers.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the experts have by region; see `HiddenAdaptor`.

    Source:
        Caruana, "Multitask Learning" (Machine Learning 28, 1997).
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the layers."""
        self.levels = []
        shape = tf.TensorShape(input_shape)
        for number, units in enumerate(self.level_units):
            self.levels.append(self.level_of_experts("level", number, (1,), shape))
            shape = tf.TensorShape((shape[0], units))
        super().build(input_shape)

    def call(
        self, inputs: tf.Tensor, region: Region | None = None, training: bool | None = None
    ) -> tf.Tensor:
        """Makes the tasks' common representation.

        Args:
            inputs: float [N, width].
            region: of the items; None leaves out what the experts have by region.
            training: whether units are dropped.

        Returns:
            float [N, level_units[-1]].
        """
        outputs = inputs
        for level in self.levels:
            outputs = tf.squeeze(level(outputs, region, training=training), axis=1)
        return outputs

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        """Shape [N, width] of the representation."""
        return tf.TensorShape((input_shape[0], self.level_units[-1]))

    def axes(self, inputs: Names, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of inputs; none is a task's own."""
        yield from self.levels[0].axes(inputs)
