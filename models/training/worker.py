"""Takes part in a training whose chief is the process that runs the Trainer."""

import os

from data.errors import InputError
from models.training.cluster import VARIABLE, Cluster


def work() -> None:
    """Waits for the chief, trains what it trains, and ends when it has exported.

    The chief tells it what there is to read; TF_CONFIG says where the chief is.

    Raises:
        InputError: TF_CONFIG does not say that this is a worker beside a chief, or the training
            cannot be done.
        WorkerLostError: another worker ended before the training was done.
    """
    if Cluster.of_environment().is_chief:
        raise InputError(
            f"{VARIABLE}: expected a worker beside a chief, which is what runs the Trainer; found "
            f"{os.environ.get(VARIABLE) or 'none'}"
        )
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    from models.training.run_fn import train_together
    from models.training.workers import Workers

    train_together({}, Workers.of_environment())
