"""Seeds that do not depend on the order in which layers are made."""

import zlib

import tensorflow as tf


def derived_seed(seed: int | None, *parts: str | int) -> int | None:
    """A seed of its own for a part of something seeded.

    Args:
        seed: seed of the whole; None draws anew each time.
        parts: what names the part, such as a layer's name and number.

    Returns:
        A seed between 0 and 2^31 - 1, or None where `seed` is None.
    """
    if seed is None:
        return None
    return zlib.crc32("/".join(map(str, (seed, *parts))).encode()) & 0x7FFFFFFF


def seeded(initializer: str, seed: int | None) -> tf.keras.initializers.Initializer:
    """A Keras initializer, by its name, with a seed.

    Args:
        initializer: name of a random initializer, such as `glorot_uniform`.
        seed: seed of its draw; None draws anew each time.

    Returns:
        The initializer.
    """
    return tf.keras.initializers.get({"class_name": initializer, "config": {"seed": seed}})
