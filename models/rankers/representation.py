"""What rankers with towers make of their input: a representation for each task, or for all."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from models.layers.building import build_inside
from models.layers.experts import Experts
from models.layers.region import NOTHING, RegionParts
from models.layers.seeds import derived_seed


class Representation(tf.keras.layers.Layer):
    """Levels of experts under the towers of a `TowerRanker`.

    Args:
        tasks: number of tasks, T.
        level_units: width of the experts of each level.
        dropout: share of the experts' units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the experts have by region; see `HiddenAdaptor`.
    """

    # Arguments of a kind of representation alone.
    own_arguments: tuple[str, ...] = ()

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

    def level_of_experts(
        self, name: str, number: int, streams: Sequence[int], shape: tf.TensorShape
    ) -> Experts:
        """The built experts of a level.

        Args:
            name: of the experts of all levels.
            number: of the level.
            streams: number of experts that read each stream.
            shape: of the level's input.
        """
        experts = Experts(
            self.level_units[number],
            streams,
            self.dropout,
            derived_seed(self.seed, name, number),
            self.by_region,
            name=f"{name}_{number}",
        )
        return build_inside(experts, shape)

    def compute_output_shape(self, input_shape: tf.TensorShape) -> tf.TensorShape:
        """Shape [N, T, width] of the representations."""
        return tf.TensorShape((input_shape[0], self.tasks, self.level_units[-1]))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        names = ("tasks", "level_units", "dropout", "seed", "by_region", *self.own_arguments)
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
