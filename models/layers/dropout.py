"""Dropout whose draws depend on nothing but a seed and the number of the step."""

from typing import Any

import tensorflow as tf

from models.replicas import worker_seed


@tf.keras.utils.register_keras_serializable(package="seqmd")
class StatelessDropout(tf.keras.layers.Layer):
    """Sets a share of its inputs to 0 in training and scales the others by 1 / (1 - rate).

    The draw follows from (seed, step). The step is a weight of the layer that is saved with it, so
    that a training that is resumed from a checkpoint draws what an undisturbed one would have.

    Args:
        rate: share of inputs that are dropped, in [0, 1).
        seed: seed of the draws.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed = seed

    def build(self, input_shape: tf.TensorShape) -> None:
        """Makes the counter of steps."""
        self.step = self.add_weight("step", (), "int64", "zeros", trainable=False)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Drops inputs in training, passes them on otherwise.

        Args:
            inputs: float, any shape.
            training: whether to drop.

        Returns:
            float, the shape of `inputs`.
        """
        if not training or not self.rate:
            return inputs
        step = self.step.assign_add(1, read_value=True)
        seed = tf.stack([worker_seed(self.seed), tf.cast(step, tf.int64)])
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, seed)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
