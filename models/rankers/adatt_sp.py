"""AdaTT-sp: every task weighs the experts of all tasks, and its own once more."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes, task_names
from models.layers.building import build_inside
from models.layers.gates import Gates
from models.layers.region import NOTHING, Region, RegionParts
from models.layers.seeds import derived_seed
from models.rankers.representation import Representation


@tf.keras.utils.register_keras_serializable(package="seqmd")
class OwnExperts(tf.keras.layers.Layer):
    """Weights W [T, E] of each task's own experts, as weights of all T * E experts.

    They start U(+-sqrt(1/E)). With one expert a task there is nothing to weigh: it counts 1.

    Args:
        tasks: number of tasks, T.
        experts_per_task: number of experts of each task, E.
        seed: seed of the draw.

    Source:
        AdaTT (arXiv 2304.04959), the native expert unit.
    """

    def __init__(
        self, tasks: int, experts_per_task: int, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.experts_per_task = experts_per_task
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes W where there is something to weigh."""
        if self.experts_per_task > 1:
            limit = self.experts_per_task**-0.5
            initial = tf.keras.initializers.RandomUniform(-limit, limit, self.seed)
            shape = (self.tasks, self.experts_per_task)
            self.kernel = self.add_weight("kernel", shape, initializer=initial)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Places the weights.

        Args:
            inputs: float [N, T * E, units], the experts; their type alone is read.

        Returns:
            float [T, T * E], 0 for the experts of other tasks.
        """
        own = tf.eye(self.tasks, dtype=inputs.dtype)[:, :, tf.newaxis]
        if self.experts_per_task > 1:
            own = own * self.kernel[:, tf.newaxis]
        return tf.reshape(own, (self.tasks, self.tasks * self.experts_per_task))

    def axes(self, tasks: Names) -> Iterator[NamedAxes]:
        """The weights with the names of tasks."""
        if self.experts_per_task > 1:
            yield name_axes(self.kernel, tasks)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        own = ("tasks", "experts_per_task", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


@tf.keras.utils.register_keras_serializable(package="seqmd")
class AdattSp(Representation):
    """x_t = sum over all experts e of gate_te * expert_e + sum over own experts j of W_tj * own_tj.

    Expert e reads the stream of task e // E, gate t the stream of task t. W reads no input; with
    one expert a task the own expert is added as it is.

    Args:
        tasks: number of tasks, T.
        level_units: width of the experts of each level.
        experts_per_task: number of experts of each task, E.
        dropout: share of the experts' units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the experts have by region; see `HiddenAdaptor`.

    Source:
        Li et al., "AdaTT: Adaptive Task-to-Task Fusion Network for Multitask Learning in
        Recommendations" (arXiv 2304.04959), AdaTT-sp.
    """

    own_arguments = ("experts_per_task",)

    def __init__(
        self,
        tasks: int,
        level_units: Sequence[int] = (64, 32),
        experts_per_task: int = 1,
        dropout: float = 0.0,
        seed: int | None = None,
        by_region: RegionParts = NOTHING,
        **kwargs: Any,
    ) -> None:
        super().__init__(tasks, level_units, dropout, seed, by_region, **kwargs)
        self.experts_per_task = experts_per_task

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the experts, the gates and the own weights of all levels."""
        self.expert_levels, self.gate_levels, self.own_levels = [], [], []
        shape = tf.TensorShape(input_shape)
        every = tuple(range(self.tasks * self.experts_per_task))
        for number, units in enumerate(self.level_units):
            streams = (self.experts_per_task,) * self.tasks
            experts = self.level_of_experts("experts", number, streams, shape)
            self.expert_levels.append(experts)
            seed = derived_seed(self.seed, "gates", number)
            gates = Gates((every,) * self.tasks, seed, name=f"gates_{number}")
            self.gate_levels.append(build_inside(gates, shape))
            seed = derived_seed(self.seed, "own", number)
            own = OwnExperts(self.tasks, self.experts_per_task, seed, name=f"own_{number}")
            self.own_levels.append(build_inside(own, experts.compute_output_shape(shape)))
            shape = tf.TensorShape((shape[0], self.tasks, units))
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
        levels = zip(self.expert_levels, self.gate_levels, self.own_levels, strict=True)
        for level, gates, own in levels:
            experts = level(streams, region, training=training)
            mixtures = gates(streams, experts, added=own(experts))
            streams = tf.unstack(mixtures, axis=1)
        return mixtures

    def axes(self, inputs: Names, tasks: Sequence[str]) -> Iterator[NamedAxes]:
        """The weights with the names of inputs, tasks and their experts."""
        experts = task_names(tasks, self.experts_per_task)
        levels = zip(self.expert_levels, self.gate_levels, self.own_levels, strict=True)
        for number, (level, gates, own) in enumerate(levels):
            read = None if number else inputs
            yield from level.axes(read, experts)
            yield from gates.axes(read, task_names(tasks), experts)
            yield from own.axes(task_names(tasks))
