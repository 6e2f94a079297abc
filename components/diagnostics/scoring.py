"""Scores lists with an exported model, whatever it answers."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from components.evaluator.lists import item_predictions

_LISTS_AT_ONCE = 256


class ExportedModel:
    """An exported model as a function of serialized lists.

    Args:
        folder: a SavedModel with the signature `serve_examples`.
    """

    def __init__(self, folder: str) -> None:
        # The model is kept, since it owns the variables and tables that its functions use.
        self._model = tf.saved_model.load(folder)
        self._serve = self._model.signatures["serve_examples"]

    def __call__(self, examples: Sequence[bytes], row_lengths: np.ndarray) -> dict[str, np.ndarray]:
        """Scores lists.

        Args:
            examples: B serialized lists.
            row_lengths: int64 [B], items of each list.

        Returns:
            By name of output: float [N], NaN where an item has no finite prediction.
        """
        answers: dict[str, list[np.ndarray]] = {
            name: [np.zeros(0)] for name in self._serve.structured_outputs
        }
        for start in range(0, len(examples), _LISTS_AT_ONCE):
            chunk = slice(start, start + _LISTS_AT_ONCE)
            padded = self._serve(examples=tf.constant(list(examples[chunk]), tf.string))
            for name, values in padded.items():
                found, _ = item_predictions(values.numpy(), row_lengths[chunk])
                answers[name].append(found)
        return {name: np.concatenate(parts) for name, parts in answers.items()}
