"""Weights of a task's own experts that read no input."""

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from models.layers.axes import NamedAxes, Names, name_axes


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
