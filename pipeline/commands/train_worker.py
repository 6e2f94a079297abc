"""Trains together with a run whose training several processes share.

The environment variable TF_CONFIG names the processes, as TensorFlow has it; docs/deploying.md
shows how. It writes nothing, and ends when the run has exported its model.
"""

import argparse
import os

from models.training.cluster import WorkerLostError
from models.training.worker import work
from pipeline.failures import CommandFailedError


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds none: TF_CONFIG says everything."""


def run(_: argparse.Namespace) -> int:
    """Trains with the run that has the same cluster in its TF_CONFIG, and writes nothing.

    Returns:
        0 once the run has exported its model.

    Raises:
        InputError: TF_CONFIG does not name this process as a worker, or the training cannot be
            done.
        CommandFailedError: another worker ended before the training was done.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        work()
    except WorkerLostError as error:
        raise CommandFailedError(str(error)) from error
    return 0
