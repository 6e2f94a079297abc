"""Building a layer inside another one."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf


def build_inside(
    layer: tf.keras.layers.Layer, shape: tf.TensorShape | Mapping[str, tf.TensorShape] | None
) -> Any:
    """Builds a layer under its own name, so that its weights can be matched by name.

    Args:
        layer: the layer.
        shape: shape of its input; None where it has none.

    Returns:
        The layer.
    """
    with tf.name_scope(layer.name):
        layer.build(shape)
    return layer
