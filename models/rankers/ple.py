"""PLE: experts of a task's own beside shared ones, level by level."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, task_names, unit_names
from models.layers.building import build_inside
from models.layers.gates import Gates
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed
from models.rankers.representation import Representation


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Ple(Representation):
    """T + 1 streams, the shared one last, each with its experts and its gate at every level.

    A task's gate reads the task's stream and weighs its own and the shared experts; the shared
    gate weighs all experts. The last level has no shared gate, and without shared experts there
    is no shared stream.

    Args:
        tasks: number of tasks, T.
        level_units: width of the experts of each level.
        experts_per_task: number of experts of each task, E.
        shared_experts: number of shared experts, S; may be 0.
        dropout: share of the experts' units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the experts have by region; see `HiddenAdaptor`.

    Source:
        Tang et al., "Progressive Layered Extraction" (RecSys 2020).
    """

    own_arguments = ("experts_per_task", "shared_experts")

    def __init__(
        self,
        tasks: int,
        level_units: Sequence[int] = (64, 32),
        experts_per_task: int = 1,
        shared_experts: int = 1,
        dropout: float = 0.0,
        seed: int | None = None,
        by_region: RegionParts = NOTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(tasks, level_units, dropout, seed, by_region, **kwargs)
        self.experts_per_task = experts_per_task
        self.shared_experts = shared_experts

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the experts and the gates of all levels."""
        self.expert_levels, self.task_gates, self.shared_gates = [], [], []
        shape = tf.TensorShape(input_shape)
        for number, units in enumerate(self.level_units):
            experts = self.level_of_experts("experts", number, self._streams(), shape)
            self.expert_levels.append(experts)
            gated = tf.TensorShape((*shape[:-2], self.tasks, shape[-1])) if number else shape
            self.task_gates.append(self._gates("task_gates", number, self._choices(), gated))
            if self.shared_experts and number < len(self.level_units) - 1:
                every = (tuple(range(sum(self._streams()))),)
                gated = tf.TensorShape((*shape[:-2], 1, shape[-1])) if number else shape
                self.shared_gates.append(self._gates("shared_gate", number, every, gated))
            shape = tf.TensorShape((shape[0], len(self._streams()), units))
        super().build(input_shape)

    def _streams(self) -> tuple[int, ...]:
        shared = (self.shared_experts,) if self.shared_experts else ()
        return (self.experts_per_task,) * self.tasks + shared

    def _choices(self) -> tuple[tuple[int, ...], ...]:
        own, every = self.experts_per_task, sum(self._streams())
        shared = range(own * self.tasks, every)
        return tuple((*range(t * own, (t + 1) * own), *shared) for t in range(self.tasks))

    def _gates(
        self, name: str, number: int, choices: tuple[tuple[int, ...], ...], shape: tf.TensorShape
    ) -> Gates:
        seed = derived_seed(self.seed, name, number)
        return build_inside(Gates(choices, seed, name=f"{name}_{number}"), shape)

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
        streams, task_streams, shared_stream = inputs, inputs, inputs
        for number, (level, gates) in enumerate(
            zip(self.expert_levels, self.task_gates, strict=True)
        ):
            experts = level(streams, region, training=training)
            weights = gates.weigh(task_streams, experts.shape[1])
            if number < len(self.shared_gates):
                shared = self.shared_gates[number].weigh(shared_stream, experts.shape[1])
                weights = tf.concat((weights, shared), axis=1)
            mixtures = tf.matmul(weights, experts)
            streams = tf.unstack(mixtures, axis=1)
            task_streams, shared_stream = streams[: self.tasks], streams[self.tasks :]
        return mixtures

    def axes(self, inputs: Names, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of inputs, tasks and their experts."""
        own = task_names(tasks, self.experts_per_task)
        experts = own + unit_names("shared", self.shared_experts)
        for number, level in enumerate(self.expert_levels):
            read = None if number else inputs
            yield from level.axes(read, experts)
            yield from self.task_gates[number].axes(read, task_names(tasks))
        for number, gates in enumerate(self.shared_gates):
            yield from gates.axes(None if number else inputs, None, experts)
