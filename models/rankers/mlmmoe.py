"""MLMMoE: levels of experts that all tasks share, mixed by gates (multi-level MMoE)."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, task_names
from models.layers.building import build_inside
from models.layers.gates import Gates
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed
from models.rankers.representation import Representation


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Mlmmoe(Representation):
    """Mixture e of a level feeds expert e of the next; the last level has a mixture a task.

    Every gate reads the raw input.

    Args:
        tasks: number of tasks, T.
        level_units: width of the experts of each level.
        experts: number of experts of each level, n.
        dropout: share of the experts' units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the experts have by region; see `HiddenAdaptor`.

    Source:
        Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate
        Mixture-of-Experts" (KDD 2018); in levels as in AdaTT (arXiv 2304.04959), section 4.
    """

    own_arguments = ("experts",)

    def __init__(
        self,
        tasks: int,
        level_units: Sequence[int] = (64, 32),
        experts: int = 4,
        dropout: float = 0.0,
        seed: int | None = None,
        by_region: RegionParts = NOTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(tasks, level_units, dropout, seed, by_region, **kwargs)
        self.experts = experts

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the experts and the gates of all levels."""
        raw = shape = tf.TensorShape(input_shape)
        every, last = tuple(range(self.experts)), len(self.level_units) - 1
        self.expert_levels, self.gate_levels = [], []
        for number, units in enumerate(self.level_units):
            streams = (1,) * self.experts
            self.expert_levels.append(self.level_of_experts("experts", number, streams, shape))
            mixtures = self.tasks if number == last else self.experts
            seed = derived_seed(self.seed, "gates", number)
            gates = Gates((every,) * mixtures, seed, name=f"gates_{number}")
            self.gate_levels.append(build_inside(gates, raw))
            shape = tf.TensorShape((shape[0], mixtures, units))
        super().build(input_shape)

    def call(
        self, inputs: tf.Tensor, region: Region | None = None, training: bool | None = None
    ) -> tf.Tensor:
        """Makes a representation for each task.

        Args:
            inputs: float [N, width].
            region: of the items; None leaves out what the experts have by region.
            training: whether units are dropped.

        Returns:
            float [N, T, level_units[-1]].
        """
        streams = inputs
        for experts, gates in zip(self.expert_levels, self.gate_levels, strict=True):
            mixtures = gates(inputs, experts(streams, region, training=training))
            streams = tf.unstack(mixtures, axis=1)
        return mixtures

    def axes(self, inputs: Names, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of inputs and of tasks."""
        yield from self.expert_levels[0].axes(inputs)
        *inner, last = self.gate_levels
        for gates in inner:
            yield from gates.axes(inputs)
        yield from last.axes(inputs, task_names(tasks))
