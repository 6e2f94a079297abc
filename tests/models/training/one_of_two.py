"""A process of test_workers.py: `python one_of_two.py CHIEF|WORKER ARGUMENTS [EPOCH]`.

In the epoch, it is killed.
"""

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from models.training import worker
from models.training.run_fn import run_fn
from models.training.training import Training


def die_in(epoch: int) -> None:
    train = Training._train

    def train_or_die(self: Training, number: int, batches: Any) -> Any:
        if number == epoch:
            os.kill(os.getpid(), signal.SIGKILL)
        return train(self, number, batches)

    Training._train = train_or_die


if __name__ == "__main__":
    if sys.argv[3:]:
        die_in(int(sys.argv[3]))
    for arguments in json.loads(Path(sys.argv[2]).read_text()):
        if sys.argv[1] == "CHIEF":
            run_fn(SimpleNamespace(**arguments))
        else:
            worker.work()
