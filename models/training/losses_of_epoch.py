"""Mean losses of an epoch's training batches; a loss that is not finite stops the training."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from data.definition import keys
from data.errors import InputError
from models.training.progress import TRAINING_LOGGER

LOSS = "loss"
# The loss of validation lists in which each task counts by what was done.
LOSS_BY_LISTS = "loss_by_lists"
GRADIENT_NORM = "gradient_norm"
_SHOWN_IDS = 5


def loss_of(task: str) -> str:
    """Name of a task's loss in histories."""
    return f"{LOSS}_{task}"


class LossNotFiniteError(InputError):
    """A training diverged."""


class LossesOfEpoch:
    """Collects the losses of training steps, and reads them now and then: reading waits for a step.

    Args:
        epoch: number of the epoch, from 1.
        tasks: names of the tasks.
    """

    def __init__(self, epoch: int, tasks: Sequence[str]) -> None:
        self.epoch = epoch
        self.names = [*map(loss_of, tasks), LOSS, GRADIENT_NORM]
        self._waiting: list[tuple[tf.Tensor, tf.Tensor]] = []
        self._sum = np.zeros(len(self.names))
        self._batches = 0

    def add(self, losses: tf.Tensor, list_ids: tf.Tensor) -> None:
        """Takes in the next batch.

        Args:
            losses: float [T + 2], from the training step.
            list_ids: string [B].
        """
        self._waiting.append((losses, list_ids))

    def fetch(self) -> float:
        """The mean total loss so far.

        Raises:
            LossNotFiniteError: a loss or a gradient is NaN or infinite.
        """
        for losses, list_ids in self._waiting:
            values = losses.numpy().astype(np.float64)
            self._batches += 1
            if not np.isfinite(values).all():
                self._stop(values, list_ids)
            self._sum += values
        self._waiting.clear()
        return self.means()[LOSS]

    def means(self) -> dict[str, float]:
        """The mean over the batches that were fetched, by name."""
        means = self._sum / max(self._batches, 1)
        return dict(zip(self.names, means.tolist(), strict=True))

    def _stop(self, values: np.ndarray, list_ids: tf.Tensor) -> None:
        named = zip(self.names, values.tolist(), strict=True)
        bad = {name: value for name, value in named if not np.isfinite(value)}
        ids = [keys.shown_id(list_id) for list_id in list_ids.numpy()]
        place = f"epoch {self.epoch}, batch {self._batches}"
        TRAINING_LOGGER.error("lists of %s: %s", place, "; ".join(ids))
        more = "" if len(ids) <= _SHOWN_IDS else f" and {len(ids) - _SHOWN_IDS} more (see the log)"
        raise LossNotFiniteError(
            f"training: expected finite losses, found {bad} at {place}; "
            f"the lists of the batch are {'; '.join(ids[:_SHOWN_IDS])}{more}. "
            "A smaller learning_rate or a gradient_clip may help"
        )
