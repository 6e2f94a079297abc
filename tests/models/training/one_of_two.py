"""What a process of test_two_processes.py does."""

import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from models.training.run_fn import run_fn, train_together
from models.training.training import Training
from models.training.workers import Workers


def die_in(epoch: int) -> None:
    train = Training._train

    def train_or_die(self: Training, number: int, batches: Any) -> Any:
        if number == epoch:
            os.kill(os.getpid(), signal.SIGKILL)
        return train(self, number, batches)

    Training._train = train_or_die


def main(words: list[str]) -> int:
    """CHIEF or WORKER, a file of the trainings' arguments and, maybe, the epoch to die in."""
    part, file, *epoch = words
    if epoch:
        die_in(int(*epoch))
    for arguments in json.loads(Path(file).read_text()):
        if part == "CHIEF":
            run_fn(SimpleNamespace(**arguments))
        else:
            train_together({}, Workers.of_environment())
    return 0
