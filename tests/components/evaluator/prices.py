"""What the models of these tests make of a price."""

import tensorflow as tf


def known(price: tf.Tensor) -> tf.Tensor:
    """Finite prices; 0 for an unknown one."""
    return tf.clip_by_value(tf.where(tf.math.is_nan(price), 0.0, price), -1e30, 1e30)
