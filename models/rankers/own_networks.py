"""A network of its own for each task."""

from collections.abc import Iterator, Sequence

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, task_names
from models.layers.region import Region
from models.rankers.representation import Representation


class OwnNetworks(Representation):
    """x_t,l = relu(x_t,l-1 kernel_t,l + bias_t,l), the lower layers of task t's network.

    Args:
        tasks: number of tasks, T.
        level_units: widths of the layers.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the layers have by region; see `HiddenAdaptor`.
    """

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the layers."""
        self.levels = []
        shape = tf.TensorShape(input_shape)
        for number in range(len(self.level_units)):
            streams = (1,) * self.tasks if number else (self.tasks,)
            self.levels.append(self.level_of_experts("level", number, streams, shape))
            shape = self.levels[-1].compute_output_shape(shape)
        super().build(input_shape)

    def call(
        self, inputs: tf.Tensor, region: Region | None = None, training: bool | None = None
    ) -> tf.Tensor:
        """Makes a representation for each task.

        Args:
            inputs: float [N, width].
            region: of the items; None leaves out what the layers have by region.
            training: whether units are dropped.

        Returns:
            float [N, T, level_units[-1]].
        """
        streams = inputs
        for level in self.levels:
            outputs = level(streams, region, training=training)
            streams = tf.unstack(outputs, axis=1)
        return outputs

    def axes(self, inputs: Names, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of tasks."""
        for number, level in enumerate(self.levels):
            yield from level.axes(None if number else inputs, task_names(tasks))
