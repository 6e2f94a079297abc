"""Trains together with a run whose training several processes share.

The environment variable TF_CONFIG names the processes, as TensorFlow has it; docs/deploying.md
shows how. It writes nothing, and ends when the run has exported its model.
"""

import argparse
import os

from models.training.cluster import WorkerLostError, check_is_worker
from pipeline.failures import CommandFailedError


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds none: TF_CONFIG says everything."""


def run(_: argparse.Namespace) -> int:
    """Waits for the chief, trains what it trains, and ends when it has exported.

    The chief tells it what there is to read; TF_CONFIG says where the chief is.

    Returns:
        0 once the run has exported its model.

    Raises:
        InputError: TF_CONFIG does not name this process as a worker, or the training cannot be
            done.
        CommandFailedError: another worker ended before the training was done.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    check_is_worker()
    from models.training.run_fn import train_together
    from models.training.workers import Workers

    try:
        train_together({}, Workers.of_environment())
    except WorkerLostError as error:
        raise CommandFailedError(str(error)) from error
    return 0
