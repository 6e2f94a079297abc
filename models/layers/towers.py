"""Towers: what each task makes of its representation."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.experts import Experts
from models.layers.grouped_dense import GroupedDense
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Towers(tf.keras.layers.Layer):
    """logit_t = w_t MLP_t(x_t) + b_t, each task with weights of its own.

    Args:
        tasks: number of tasks, T.
        units: widths of a tower's MLP; empty makes the logit from the representation.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the hidden layers have by region; see `HiddenAdaptor`.
    """

    def __init__(
        self,
        tasks: int,
        units: Sequence[int] = (32,),
        dropout: float = 0.0,
        seed: int | None = None,
        by_region: RegionParts = NOTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.units = tuple(units)
        self.dropout = dropout
        self.seed = seed
        self.by_region = RegionParts(*by_region)

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the towers' layers and their logits."""
        groups = (1,) * self.tasks
        self.hidden = []
        shape = tf.TensorShape(input_shape)
        for number, units in enumerate(self.units):
            seed = derived_seed(self.seed, "hidden", number)
            name = f"hidden_{number}"
            layer = Experts(units, groups, self.dropout, seed, self.by_region, name=name)
            self.hidden.append(build_inside(layer, shape))
            shape = layer.compute_output_shape(shape)
        seed = derived_seed(self.seed, "logit")
        self.logit = build_inside(GroupedDense(1, groups, seed=seed, name="logit"), shape)
        super().build(input_shape)

    def call(
        self, inputs: tf.Tensor, region: Region | None = None, training: bool | None = None
    ) -> tf.Tensor:
        """Scores items for each task.

        Args:
            inputs: float [N, width] for all tasks, or [N, T, width].
            region: of the items; None leaves out what the layers have by region.
            training: whether units are dropped.

        Returns:
            Logits, float [N, T].
        """
        outputs = inputs if inputs.shape.rank == 2 else tf.unstack(inputs, axis=1)
        for layer in self.hidden:
            outputs = tf.unstack(layer(outputs, region, training=training), axis=1)
        return tf.squeeze(self.logit(outputs), axis=-1)

    def axes(self, tasks: Names) -> Iterator[NamedAxes]:
        """The weights with the names of tasks."""
        for layer in self.hidden:
            yield from layer.axes(None, tasks)
        yield from self.logit.axes(None, tasks)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("tasks", "units", "dropout", "seed", "by_region")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
