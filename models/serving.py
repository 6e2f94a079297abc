"""Scoring with an exported model, in this process."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from data.errors import InputError
from models.signatures import EXAMPLES, SCORE, SERVE_EXAMPLES

_LISTS_AT_ONCE = 256


class Scores(NamedTuple):
    """What a model says about lists.

    Attributes:
        outputs: by name of output (`probability_TASK`, `score`): float [N], list after list.
        row_lengths: int64 [B], items of each list.
    """

    outputs: dict[str, np.ndarray]
    row_lengths: np.ndarray


class Ranker:
    """An exported model.

    Args:
        folder: a SavedModel with the signature `serve_examples`.

    Raises:
        InputError: there is no such SavedModel.
    """

    def __init__(self, folder: str) -> None:
        if not tf.io.gfile.exists(str(PurePath(folder) / "saved_model.pb")):
            raise InputError(f"model {folder}: expected a SavedModel, found no saved_model.pb")
        # The model is kept, since it owns the variables and tables that its functions use.
        self._model = tf.saved_model.load(folder)
        if SERVE_EXAMPLES not in self._model.signatures:
            raise InputError(
                f"model {folder}: expected the signature {SERVE_EXAMPLES}, "
                f"found {sorted(self._model.signatures)}"
            )
        self._serve = self._model.signatures[SERVE_EXAMPLES]

    def __call__(self, examples: Sequence[bytes]) -> Scores:
        """Scores lists.

        Args:
            examples: B serialized lists.

        Returns:
            The scores, in the order of the lists and of their items.
        """
        # Lists of similar size go together, so that little is padded.
        order = np.argsort([len(example) for example in examples], kind="stable")
        chunks = np.split(order, range(_LISTS_AT_ONCE, len(order), _LISTS_AT_ONCE))
        answers = [self._answer([examples[place] for place in chunk]) for chunk in chunks]
        lengths = np.concatenate([answer.row_lengths for answer in answers])
        place_of = _places(lengths, order)
        outputs = {
            name: np.concatenate([answer.outputs[name] for answer in answers])[place_of]
            for name in answers[0].outputs
        }
        row_lengths = np.empty_like(lengths)
        row_lengths[order] = lengths
        return Scores(outputs, row_lengths)

    def _answer(self, examples: Sequence[bytes]) -> Scores:
        padded = self._serve(**{EXAMPLES: tf.constant(list(examples), tf.string)})
        padded = {name: values.numpy() for name, values in padded.items()}
        present = ~np.isnan(padded[SCORE])
        outputs = {name: values[present] for name, values in padded.items()}
        return Scores(outputs, present.sum(axis=1, dtype=np.int64))


def load_ranker(folder: str) -> Ranker:
    """Loads an exported model as a function of serialized lists."""
    return Ranker(folder)


def _places(lengths: np.ndarray, order: np.ndarray) -> np.ndarray:
    """For each item in the lists' own order, its place among the items in the order of `order`.

    Args:
        lengths: int [B], lengths of the lists in the order of `order`.
        order: int [B], the list at each place.

    Returns:
        int [N].
    """
    starts = np.cumsum(lengths) - lengths
    back = np.argsort(order, kind="stable")
    own_lengths = lengths[back]
    own_starts = np.cumsum(own_lengths) - own_lengths
    return np.arange(lengths.sum()) + np.repeat(starts[back] - own_starts, own_lengths)
