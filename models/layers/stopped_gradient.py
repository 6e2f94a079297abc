"""Gradients that training alone stops."""

import tensorflow as tf


def stopped_in_training(values: tf.Tensor, training: bool | None) -> tf.Tensor:
    """The values; in training, no gradient flows back through them.

    An explanation of a trained model follows every way from features to scores
    (`data.explanation.gradients`), so nothing is stopped there.

    Args:
        values: of any shape.
        training: whether the network is being trained.

    Returns:
        The same values.
    """
    return tf.stop_gradient(values) if training else values
