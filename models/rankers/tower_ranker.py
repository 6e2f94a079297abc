"""What the models with a tower a task have in common."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, task_names
from models.layers.building import build_inside
from models.layers.shared_input import SharedInput
from models.layers.streams import Columns, Shapes, Streams, check_streams
from models.layers.towers import Towers


@tf.keras.utils.register_keras_serializable(package="seqmd")
class TowerRanker(tf.keras.layers.Layer):
    """Streams > joined input, with the adaptor or without > representations > one tower a task.

    Args:
        joined: makes one input of the streams.
        representation: makes float [N, width] for all tasks, or [N, T, width], of the input.
        towers: makes logits of the representations.
    """

    def __init__(
        self,
        joined: SharedInput,
        representation: tf.keras.layers.Layer,
        towers: Towers,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.joined = joined
        self.representation = representation
        self.towers = towers

    def build(self, input_shape: Shapes) -> None:
        """Makes the weights."""
        check_streams(input_shape)
        build_inside(self.joined, input_shape)
        shape = self.joined.compute_output_shape(input_shape)
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
        joined = self.joined(inputs, training=training)
        return self.towers(self.representation(joined, training=training), training=training)

    def axes(self, streams: Columns, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of the streams' columns and of tasks."""
        yield from self.joined.axes(streams)
        yield from self.representation.axes(self.joined.output_names(streams), tasks)
        yield from self.towers.axes(task_names(tasks))

    def get_config(self) -> dict[str, Any]:
        """The layers that it is made of."""
        parts = {name: getattr(self, name) for name in ("joined", "representation", "towers")}
        serialize = tf.keras.utils.serialize_keras_object
        return {**super().get_config(), **{name: serialize(part) for name, part in parts.items()}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TowerRanker":
        """The layer that `get_config` described."""
        parts = {
            name: tf.keras.utils.deserialize_keras_object(config[name])
            for name in ("joined", "representation", "towers")
        }
        return cls(**{**config, **parts})
