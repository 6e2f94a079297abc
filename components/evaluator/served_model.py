"""An exported model in a process of its own, before it is let near a server."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import tensorflow as tf
from tfx.utils import io_utils

from components.evaluator import fresh_process
from data.artifacts.served_answer import EXAMPLES
from data.artifacts.signature_names import SERVE_EXAMPLES, SERVING_DEFAULT
from data.definition.base import Definition

_TIMEOUT = 900
_LAST_WORDS = 300


class Answers(Definition):
    """What the process found.

    Attributes:
        error: why there are no answers.
        missing: signatures that the model has not.
        lists: of each list, `faulty` (items without a finite number) and `apart` (the largest
            difference between the answers of the two signatures).
        milliseconds: of each timed request.
    """

    error: str = ""
    missing: tuple[str, ...] = ()
    lists: tuple[dict[str, Any], ...] = ()
    milliseconds: tuple[float, ...] = ()


class ServedModel:
    """Loads a model, at another place, in a process that has TensorFlow alone.

    It loads while the caller does other work.

    Args:
        model: folder of a SavedModel.
    """

    def __init__(self, model: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="seqmd-served-")
        self._place = Path(self._folder.name)
        io_utils.copy_dir(model, str(self._place / "model"))
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-I", fresh_process.__file__, str(self._place)),
                *(SERVING_DEFAULT, SERVE_EXAMPLES, EXAMPLES),
            ],
            cwd=self._place,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "ServedModel":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def answers(
        self,
        lists: Sequence[bytes],
        items: Sequence[int],
        timed: int | None = None,
        requests: int = 0,
    ) -> Answers:
        """Asks for lists, one a request.

        Args:
            lists: serialized.
            items: number of items of each.
            timed: place of the list that is asked for again and again; None times nothing.
            requests: how many times.

        Returns:
            The answers, or why there are none.
        """
        with tf.io.TFRecordWriter(str(self._place / "lists.tfrecord")) as writer:
            for one in lists:
                writer.write(one)
        request = {"items": list(items), "timed": timed, "requests": requests}
        (self._place / "request.json").write_text(json.dumps(request))
        try:
            _, errors = self._process.communicate("go\n", timeout=_TIMEOUT)
        except subprocess.TimeoutExpired:
            return Answers(error=f"no answer within {_TIMEOUT} seconds")
        if self._process.returncode:
            return Answers(error=f"exit code {self._process.returncode}: {errors[-_LAST_WORDS:]}")
        return Answers.model_validate_json((self._place / "answers.json").read_text())
