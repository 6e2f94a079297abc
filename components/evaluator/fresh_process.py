"""Loads a SavedModel with TensorFlow alone and answers lists with it, as a server would.

`python -I fresh_process.py FOLDER PLAIN EXAMPLES ARGUMENT` loads FOLDER/model with the signatures
PLAIN and EXAMPLES, whose argument is ARGUMENT, waits for a line on standard input, answers the
lists in FOLDER/lists.tfrecord as FOLDER/request.json says, and writes FOLDER/answers.json. It
imports nothing of this project, so that a model that needs more than TensorFlow fails here.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

_WARM_UP = 5

Values = dict[str, np.ndarray]


class Model:
    """The signatures of a SavedModel as functions of one serialized list."""

    def __init__(self, folder: Path, plain: str, examples: str, argument: str) -> None:
        # The model is kept, since it owns the variables that its functions use.
        self._model = tf.saved_model.load(str(folder))
        self._argument = argument
        signatures = self._model.signatures
        self.missing = [name for name in (plain, examples) if name not in signatures]
        if not self.missing:
            self._plain, self._examples = signatures[plain], signatures[examples]

    def from_example(self, example: bytes) -> Values:
        """Numbers of the items by output: float [L]."""
        answers = self._examples(**{self._argument: tf.constant([example])})
        return {name: answer.numpy()[0] for name, answer in answers.items()}

    def plain(self, example: bytes) -> dict[str, tf.Tensor]:
        """The same list as plain values by feature."""
        features = tf.train.Example.FromString(example).features.feature
        values = {}
        for name, spec in self._plain.structured_input_signature[1].items():
            kind = "bytes_list" if spec.dtype == tf.string else "float_list"
            shape = [-1 if size is None else size for size in spec.shape]
            found = list(getattr(features[name], kind).value)
            values[name] = tf.reshape(tf.constant(found, spec.dtype), shape)
        return values

    def from_plain(self, values: dict[str, tf.Tensor]) -> Values:
        """Numbers of the items by output: float [L]."""
        return {name: answer.numpy() for name, answer in self._plain(**values).items()}


def answer(model: Model, example: bytes, items: int) -> dict[str, Any]:
    """How a list fares: items without a finite number, and how far the signatures are apart."""
    found = [model.from_example(example), model.from_plain(model.plain(example))]
    faulty = np.zeros(items, bool)
    for outputs in found:
        for values in outputs.values():
            if len(values) != items:
                return {"faulty": items, "apart": None}
            faulty |= ~np.isfinite(values)
    apart = [np.abs(values - found[1][name])[~faulty] for name, values in found[0].items()]
    return {
        "faulty": int(faulty.sum()),
        "apart": float(max((one.max(initial=0.0) for one in apart), default=0.0)),
    }


def milliseconds(model: Model, example: bytes, requests: int) -> list[float]:
    """The time of each of several equal requests with plain values."""
    values, taken = model.plain(example), []
    for _ in range(_WARM_UP + requests):
        started = time.perf_counter()
        model.from_plain(values)
        taken.append(1000 * (time.perf_counter() - started))
    return taken[_WARM_UP:]


def main(folder: Path, plain: str, examples: str, argument: str) -> None:
    """Does what the module says."""
    model = Model(folder / "model", plain, examples, argument)
    sys.stdin.readline()
    request = json.loads((folder / "request.json").read_text())
    lists = list(tf.data.TFRecordDataset(str(folder / "lists.tfrecord")).as_numpy_iterator())
    answers: dict[str, Any] = {"missing": model.missing, "lists": [], "milliseconds": []}
    if not model.missing:
        for example, items in zip(lists, request["items"], strict=True):
            answers["lists"].append(answer(model, example, items))
        if request["timed"] is not None:
            timed = lists[request["timed"]]
            answers["milliseconds"] = milliseconds(model, timed, request["requests"])
    (folder / "answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
