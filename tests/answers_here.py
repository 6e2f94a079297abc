"""Models that answer in the process of the Evaluator, which starts one of its own elsewhere."""

import io
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock


class AnswersHere:
    """What `subprocess.Popen` gives for the program that answers for a model: it runs here."""

    def __init__(self, program: str, folder: str, *signatures: str) -> None:
        self._program, self._folder, self._signatures = program, Path(folder), signatures
        self.returncode: int | None = None

    def communicate(self, words: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Has the program read the words, and end."""
        if words:
            with mock.patch("sys.stdin", io.StringIO(words)):
                runpy.run_path(self._program)["main"](self._folder, *self._signatures)
            self.returncode = 0
        return "", ""

    def kill(self) -> None:
        """Does nothing: there is no process."""


class PopenHere(subprocess.Popen):
    """Starts no isolated Python, which would load TensorFlow for each model anew."""

    def __new__(cls, command: Any, *_: Any, **__: Any) -> Any:
        if isinstance(command, list) and command[:2] == [sys.executable, "-I"]:
            return AnswersHere(*command[2:])
        return super().__new__(cls)
