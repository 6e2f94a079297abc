"""Where training goes on after it was killed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf


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
