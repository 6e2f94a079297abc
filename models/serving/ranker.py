"""Scoring with an exported model, in this process."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from data import keys
from data.errors import InputError
from data.files import below, plain
from models.serving.signatures import EXAMPLES, SERVE_EXAMPLES

_LISTS_AT_ONCE = 256


class Ranker:
    """An exported model.

    Args:
        folder: a SavedModel with the signature `serve_examples`.

    Raises:
        InputError: there is no such SavedModel, or it is damaged.
    """

    def __init__(self, folder: str) -> None:
        if not tf.io.gfile.exists(below(folder, "saved_model.pb")):
            raise InputError(f"model {folder}: expected a SavedModel, found no saved_model.pb")
        self._folder = folder
        # The model is kept, since it owns the variables and tables that its functions use.
        self._model = _load(folder)
        if SERVE_EXAMPLES not in self._model.signatures:
            raise InputError(
                f"model {folder}: expected the signature {SERVE_EXAMPLES}, "
                f"found {sorted(self._model.signatures)}"
            )
        self._serve = self._model.signatures[SERVE_EXAMPLES]

    def __call__(self, examples: Sequence[bytes], row_lengths: np.ndarray) -> dict[str, np.ndarray]:
        """Scores lists.

        Args:
            examples: B serialized lists.
            row_lengths: int64 [B], items of each list.

        Returns:
            By name of output (`probability_TASK`, `score`): float [N], in the order of the lists
            and of their items.

        Raises:
            InputError: the model gives an item no finite number, or numbers without an item.
        """
        # Lists of similar length go together, so that little is padded.
        order = np.argsort(row_lengths, kind="stable")
        chunks = np.split(order, range(_LISTS_AT_ONCE, len(order), _LISTS_AT_ONCE))
        answers = [
            self._answer([examples[place] for place in chunk], row_lengths[chunk])
            for chunk in chunks
        ]
        places = _places(row_lengths, order)
        outputs = {}
        for name in answers[0]:
            outputs[name] = np.empty(len(places), answers[0][name].dtype)
            outputs[name][places] = np.concatenate([answer[name] for answer in answers])
        return outputs

    def _answer(self, examples: Sequence[bytes], row_lengths: np.ndarray) -> dict[str, np.ndarray]:
        padded = self._serve(**{EXAMPLES: tf.constant(list(examples), tf.string)})
        return {
            name: self._items(name, values.numpy(), examples, row_lengths)
            for name, values in padded.items()
        }

    def _items(
        self, name: str, padded: np.ndarray, examples: Sequence[bytes], row_lengths: np.ndarray
    ) -> np.ndarray:
        """Takes the items' numbers, float [N], out of an answer, float [B, L]."""
        width = max(padded.shape[1], int(row_lengths.max(initial=0)))
        filled = np.full((len(padded), width), np.nan, padded.dtype)
        filled[:, : padded.shape[1]] = padded
        present = np.arange(width) < row_lengths[:, np.newaxis]
        wrong = np.argwhere(np.where(present, ~np.isfinite(filled), ~np.isnan(filled)))
        if len(wrong):
            row, item = wrong[0].tolist()
            raise InputError(
                f"model {self._folder}: {name}: expected a finite number for each of the "
                f"{row_lengths[row]} items of list {_list_id(examples[row])!r}, "
                f"found {filled[row, item]} at place {item + 1}"
            )
        return filled[present]


def _load(folder: str) -> Any:
    try:
        with plain(folder) as place:
            return tf.saved_model.load(place)
    # TensorFlow's readers raise IndexError and RuntimeError as well.
    except (OSError, LookupError, ValueError, RuntimeError, tf.errors.OpError) as error:
        raise InputError(
            f"model {folder}: expected a SavedModel, found one that cannot be loaded: {error}"
        ) from error


def load_ranker(folder: str) -> Ranker:
    """Loads an exported model as a function of serialized lists."""
    return Ranker(folder)


def _places(row_lengths: np.ndarray, order: np.ndarray) -> np.ndarray:
    """For each item, when the lists are taken in another order, its place in their own order.

    Args:
        row_lengths: int [B], lengths of the lists in their own order.
        order: int [B], the lists in the other order.

    Returns:
        int [N].
    """
    starts = np.cumsum(row_lengths) - row_lengths
    lengths = row_lengths[order]
    starts_in_order = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts[order] - starts_in_order, lengths)


def _list_id(example: bytes) -> str:
    features = tf.train.Example.FromString(example).features.feature
    ids = features[keys.LIST_ID].bytes_list.value
    return keys.shown_id(ids[0]) if ids else "without list_id"
