"""Shared-Bottom: one MLP for all tasks, a tower for each."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.experts import Experts
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class SharedBottom(tf.keras.layers.Layer):
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

    def __init__(
        self,
        tasks: int,
        level_units: Sequence[int] = (64, 32),
        dropout: float = 0.0,
        seed: int | None = None,
        by_region: RegionParts = NOTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.level_units = tuple(level_units)
        self.dropout = dropout
        self.seed = seed
        self.by_region = RegionParts(*by_region)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the layers."""
        self.levels = []
        shape = tf.TensorShape(input_shape)
        for number, units in enumerate(self.level_units):
            seed = derived_seed(self.seed, "level", number)
            name = f"level_{number}"
            level = Experts(units, (1,), self.dropout, seed, self.by_region, name=name)
            self.levels.append(build_inside(level, shape))
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

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("tasks", "level_units", "dropout", "seed", "by_region")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
