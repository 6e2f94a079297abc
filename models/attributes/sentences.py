"""Encoders of sentences that others have trained, by name."""

from collections.abc import Callable, Sequence

import numpy as np

from data.errors import InputError

SentenceEncoder = Callable[[Sequence[str]], np.ndarray]


def sentence_encoder(name: str) -> SentenceEncoder:
    """Loads an encoder of the package `sentence-transformers`.

    Args:
        name: name of a model, or the folder of one.

    Returns:
        A function from N texts to float32 [N, S].

    Raises:
        InputError: the package, or the model's weights, are not there.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InputError(
            f"--encoder {name}: expected the package sentence-transformers, found none; "
            "pip install sentence-transformers, or leave the option out"
        ) from error
    try:
        encoder = SentenceTransformer(name)
    except Exception as error:  # Whatever its many layers raise where weights are missing.
        raise InputError(f"--encoder {name}: its weights cannot be loaded: {error}") from error
    return lambda texts: np.asarray(encoder.encode(list(texts)), np.float32)
