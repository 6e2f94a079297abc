"""Trains together with a run whose training several processes share.

The environment variable TF_CONFIG names the processes, as TensorFlow has it; docs/deploying.md
shows how. It writes nothing, and ends when the run has exported its model.
"""

import argparse

from models.training.cluster import WorkerLostError, check_is_worker
from pipeline.failures import CommandFailedError
from pipeline.output_capture import prepare_tensorflow


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
    prepare_tensorflow()
    check_is_worker()
    from models.training.run_fn import train_together
    from models.training.workers import Workers

    try:
        train_together({}, Workers.of_environment())
    except WorkerLostError as error:
        raise CommandFailedError(str(error)) from error
    return 0
