"""What an exported model answers: the names of its signatures and outputs, and how to read them.

`serving_default` takes plain values of one list and answers each output as [L]. `serve_examples`
takes B serialized lists and answers [B, L], padded with NaN behind the end of a list.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from data.artifacts.signature_names import SERVE_EXAMPLES
from data.definition import keys
from data.errors import InputError
from data.files import below, plain

# The argument of `serve_examples`.
EXAMPLES = "examples"
SCORE = "score"

_LISTS_AT_ONCE = 256

Answers = dict[str, np.ndarray]


def probability(task: str) -> str:
    """Name of the output with a task's probabilities."""
    return f"probability_{task}"


def named_outputs(
    tasks: Sequence[str], probabilities: tf.Tensor, score: tf.Tensor
) -> dict[str, tf.Tensor]:
    """What a model answers for N items, by the outputs' names.

    Args:
        tasks: names of the T tasks.
        probabilities: float [N, T].
        score: float [N].
    """
    of_tasks = tf.unstack(probabilities, len(tasks), axis=1)
    named = zip(map(probability, tasks), of_tasks, strict=True)
    return {**dict(named), SCORE: score}


def pad(values: tf.Tensor, row_lengths: tf.Tensor) -> tf.Tensor:
    """Pads numbers of items to an answer, with NaN behind each list's end.

    Args:
        values: float [N], or [N, C].
        row_lengths: int64 [B], items of each list.

    Returns:
        float [B, L], or [B, L, C].
    """
    ragged = tf.RaggedTensor.from_row_lengths(values, row_lengths, validate=False)
    return ragged.to_tensor(tf.constant(float("nan")))


def item_values(padded: np.ndarray, row_lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Takes the items' numbers out of an answer, whatever its width.

    Args:
        padded: float [B, L], NaN behind the end of a list.
        row_lengths: int64 [B], items of each list.

    Returns:
        float [N], NaN where an item has no finite number; and int64 [B], the items of each list
        that have none, plus the numbers without an item.
    """
    width = max(padded.shape[1], int(row_lengths.max(initial=0)))
    missing = width - padded.shape[1]
    padded = np.pad(padded, ((0, 0), (0, missing)), constant_values=np.nan)
    real = np.arange(width) < row_lengths[:, np.newaxis]
    faulty = np.where(real, ~np.isfinite(padded), ~np.isnan(padded)).sum(axis=1)
    values = padded[real]
    return np.where(np.isfinite(values), values, values.dtype.type(np.nan)), faulty


class ExportedModel:
    """An exported model as a function of serialized lists, in this process.

    Attributes:
        loaded: what TensorFlow has loaded.

    Args:
        folder: a SavedModel with the signature `serve_examples`.

    Raises:
        InputError: there is no such SavedModel, or it is damaged.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        # The model is kept, since it owns the variables and tables that its functions use.
        self.loaded = load_model(folder)
        if SERVE_EXAMPLES not in self.loaded.signatures:
            raise InputError(
                f"model {folder}: expected the signature {SERVE_EXAMPLES}, "
                f"found {sorted(self.loaded.signatures)}"
            )
        self._serve = self.loaded.signatures[SERVE_EXAMPLES]

    def __call__(self, examples: Sequence[bytes], row_lengths: np.ndarray) -> Answers:
        """Scores lists, or refuses a model that has no score for an item.

        Args:
            examples: B serialized lists.
            row_lengths: int64 [B], items of each list.

        Returns:
            By name of output (`probability_TASK`, `score`): float [N], in the order of the lists
            and of their items.

        Raises:
            InputError: the model gives an item no finite number, or numbers without an item.
        """
        return self._score(examples, row_lengths, refuse=True)

    def with_gaps(self, examples: Sequence[bytes], row_lengths: np.ndarray) -> Answers:
        """Scores lists as far as the model does: float64, NaN where an item has no number."""
        found = self._score(examples, row_lengths, refuse=False)
        return {name: values.astype(float) for name, values in found.items()}

    def _score(self, examples: Sequence[bytes], row_lengths: np.ndarray, refuse: bool) -> Answers:
        # Lists of similar length go together, so that little is padded.
        order = np.argsort(row_lengths, kind="stable")
        chunks = np.split(order, range(_LISTS_AT_ONCE, len(order), _LISTS_AT_ONCE))
        answers = [
            self._answer([examples[place] for place in chunk], row_lengths[chunk], refuse)
            for chunk in chunks
        ]
        places = _places(row_lengths, order)
        outputs = {}
        for name in answers[0]:
            outputs[name] = np.empty(len(places), answers[0][name].dtype)
            outputs[name][places] = np.concatenate([answer[name] for answer in answers])
        return outputs

    def _answer(self, examples: Sequence[bytes], row_lengths: np.ndarray, refuse: bool) -> Answers:
        found = {}
        padded = self._serve(**{EXAMPLES: tf.constant(list(examples), tf.string)})
        for name, answer in padded.items():
            values, faulty = item_values(answer.numpy(), row_lengths)
            if refuse and faulty.any():
                row = int(np.flatnonzero(faulty)[0])
                raise InputError(
                    f"model {self._folder}: {name}: expected a finite number for each of the"
                    f" {row_lengths[row]} items of list {_list_id(examples[row])!r}, found"
                    f" {_shown(answer.numpy()[row], int(row_lengths[row]))}"
                )
            found[name] = values
        return found


def load_model(folder: str) -> Any:
    """Loads an exported model.

    Args:
        folder: a SavedModel, local or remote.

    Returns:
        What TensorFlow loads; it owns the variables and tables that its functions use.

    Raises:
        InputError: there is no such SavedModel, or it is damaged.
    """
    if not tf.io.gfile.exists(below(folder, "saved_model.pb")):
        raise InputError(f"model {folder}: expected a SavedModel, found no saved_model.pb")
    try:
        with plain(folder) as place:
            return tf.saved_model.load(place)
    # TensorFlow's readers raise IndexError and RuntimeError as well.
    except (OSError, LookupError, ValueError, RuntimeError, tf.errors.OpError) as error:
        raise InputError(
            f"model {folder}: expected a SavedModel, found one that cannot be loaded: {error}"
        ) from error


def _shown(answer: np.ndarray, items: int) -> str:
    """The first fault of a list's answer, float [L]."""
    filled = np.pad(answer, (0, max(0, items - len(answer))), constant_values=np.nan)
    wrong = np.where(np.arange(len(filled)) < items, ~np.isfinite(filled), ~np.isnan(filled))
    place = int(np.flatnonzero(wrong)[0])
    return f"{filled[place]} at place {place + 1}"


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
