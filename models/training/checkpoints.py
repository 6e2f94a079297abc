"""Checkpoints to resume from: what a training knows, saved after every epoch."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
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


class EpochCheckpoints:
    """Everything that training needs to go on from the end of an epoch.

    A checkpoint is complete or not there at all: TensorFlow writes its files first, and then, in
    one step, the file that names it.

    Args:
        folder: a folder for this training alone.
        **parts: what is saved: modules, optimizers, states.
    """

    def __init__(self, folder: str, **parts: Any) -> None:
        self._folder = folder
        self._checkpoint = tf.train.Checkpoint(**parts)
        self._manager = tf.train.CheckpointManager(self._checkpoint, folder, max_to_keep=2)

    def restore(self) -> bool:
        """Takes over the last checkpoint; returns whether there was one."""
        latest = self._manager.latest_checkpoint
        if latest is None:
            return False
        self._checkpoint.restore(latest).assert_existing_objects_matched()
        return True

    def save(self, epoch: int) -> None:
        """Writes a checkpoint and forgets all but the last two."""
        self._manager.save(checkpoint_number=epoch)

    def delete(self) -> None:
        """Deletes the folder."""
        if tf.io.gfile.exists(self._folder):
            tf.io.gfile.rmtree(self._folder)


def training_fingerprint(
    config: Mapping[str, Any], texts: Sequence[str], files: Sequence[str]
) -> str:
    """A hash of all that a training's result follows from.

    Args:
        config: configuration, as JSON.
        texts: further definitions.
        files: input files; their names, sizes and times of change enter, not their content.

    Returns:
        32 hexadecimal digits.
    """
    described = [_describe(file) for file in sorted(files)]
    text = json.dumps([config, list(texts), described], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _describe(file: str) -> list[Any]:
    status = tf.io.gfile.stat(file)
    return [file, status.length, status.mtime_nsec]
