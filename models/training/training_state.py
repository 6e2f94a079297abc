"""What training knows beside weights: its history and its best epoch."""

import json
import math
from typing import Any

import tensorflow as tf


class TrainingState(tf.train.experimental.PythonState):
    """Epochs that are done, and which was the best; it is saved with the weights.

    Attributes:
        history: one entry an epoch: `epoch`, `train`, `validation`, `seconds`, and how many of
            these were `training_seconds`.
        best_epoch: the epoch with the best validation, from 1; 0 where there is none yet.
        best_value: its value.
        batches: batches of an epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: list[dict[str, Any]] = []
        self.best_epoch = 0
        self.best_value = -math.inf
        self.batches = 0

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        return len(self.history)

    def add(self, entry: dict[str, Any], value: float | None) -> bool:
        """Takes in an epoch.

        Args:
            entry: for the history.
            value: what is to be as large as can be; None where there is nothing to judge by: then
                the last epoch is the best one.

        Returns:
            Whether the epoch is the best so far.
        """
        self.history.append(entry)
        better = value is None or value > self.best_value
        if better:
            self.best_epoch = self.epoch
            self.best_value = -math.inf if value is None else value
        return better

    def finished(self, epochs: int, patience: int) -> bool:
        """Whether all epochs are done, or `patience` of them brought nothing better."""
        return self.epoch >= epochs or self.epoch - self.best_epoch >= patience

    def serialize(self) -> str:
        """The state as JSON."""
        names = ("history", "best_epoch", "best_value", "batches")
        return json.dumps({name: getattr(self, name) for name in names})

    def deserialize(self, string_value: str | bytes) -> None:
        """Takes over a state from JSON."""
        for name, value in json.loads(string_value).items():
            setattr(self, name, value)
