"""Building a layer inside another one."""

from collections.abc import Mapping, Sequence
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


def one_shape(shape: tf.TensorShape | Sequence[tf.TensorShape]) -> tf.TensorShape:
    """The shape of one copy's input, where Keras gives a layer one shape for each copy.

    Args:
        shape: shape of an input that all copies share, or of the input of each.

    Returns:
        One of them.
    """
    of_each = isinstance(shape, list | tuple) and any(
        isinstance(one, tf.TensorShape | list | tuple) for one in shape
    )
    return tf.TensorShape(shape[0] if of_each else shape)


class MadeOfLayers(tf.keras.layers.Layer):
    """A layer that takes other layers as arguments, and is saved with them."""

    # The arguments that are layers.
    parts: tuple[str, ...]

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer that are layers themselves."""
        serialize = tf.keras.utils.serialize_keras_object
        return {
            **super().get_config(),
            **{name: serialize(getattr(self, name)) for name in self.parts},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described."""
        deserialize = tf.keras.utils.deserialize_keras_object
        return cls(**{**config, **{name: deserialize(config[name]) for name in cls.parts}})
