"""What the models with a tower a task have in common."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, task_names
from models.layers.building import MadeOfLayers, build_inside
from models.layers.region_context import JOINED, RegionContext
from models.layers.shared_input import SharedInput
from models.layers.streams import Columns, Shapes, Streams, check_streams
from models.layers.towers import Towers


@tf.keras.utils.register_keras_serializable(package="seqmd")
class TowerRanker(MadeOfLayers):
    """Streams > joined input, with the adaptor or without > representations > one tower a task.

    Args:
        joined: makes one input of the streams.
        representation: makes float [N, width] for all tasks, or [N, T, width], of the input.
        towers: makes logits of the representations.
        context: what there is by region.
    """

    parts = ("joined", "representation", "towers", "context")

    def __init__(
        self,
        joined: SharedInput,
        representation: tf.keras.layers.Layer,
        towers: Towers,
        context: RegionContext,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.joined = joined
        self.representation = representation
        self.towers = towers
        self.context = context

    def build(self, input_shape: Shapes) -> None:
        """Makes the weights."""
        check_streams(input_shape)
        build_inside(self.joined, input_shape)
        shape = self.joined.compute_output_shape(input_shape)
        build_inside(self.context, {**input_shape, JOINED: shape})
        build_inside(self.representation, shape)
        build_inside(self.towers, self.representation.compute_output_shape(shape))
        super().build(input_shape)

    def call(self, inputs: Streams, training: bool | None = None) -> tf.Tensor:
        """Scores items for each task.

        Args:
            inputs: streams `country`, `dependent`, `invariant`, float [N, width] each; any of
                them may be empty (width 0).
            training: whether units are dropped.

        Returns:
            Logits, float [N, T], before the descending probability.
        """
        region = self.context(inputs, training=training)
        joined = self.context.gated(self.joined(inputs, training=training), region)
        represented = self.representation(joined, region, training=training)
        return self.towers(represented, region, training=training)

    def axes(self, streams: Columns, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns and of tasks."""
        yield from self.joined.axes(streams)
        joined = self.joined.output_names(streams)
        yield from self.context.axes(streams, joined)
        yield from self.representation.axes(joined, tasks)
        yield from self.towers.axes(task_names(tasks))
