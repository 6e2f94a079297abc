"""What is left behind of training: TensorBoard logs and history.json."""

import json
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from data.files import below, write_whole

HISTORY_FILE = "history.json"


class EpochLog:
    """Writes epochs to a folder, as scalars for TensorBoard and as `history.json`.

    Args:
        folder: the folder; its `train` and `validation` are what TensorBoard reads.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._writers = {
            part: tf.summary.create_file_writer(below(folder, part))
            for part in ("train", "validation")
        }

    def write(self, history: Sequence[dict[str, Any]], epochs: int, kept: int) -> None:
        """Writes the last epochs.

        Args:
            history: all epochs so far, each with `epoch` and, by name, the numbers of `train` and
                `validation`.
            epochs: how many of the last ones TensorBoard has not got yet.
            kept: the epoch whose weights are kept as it stands.
        """
        for entry in history[len(history) - epochs :]:
            for part, writer in self._writers.items():
                with writer.as_default(step=entry["epoch"]):
                    for name, value in entry[part].items():
                        tf.summary.scalar(name, value)
                writer.flush()
        marked = [{**entry, "kept": entry["epoch"] == kept} for entry in history]
        write_whole(below(self._folder, HISTORY_FILE), json.dumps(marked, indent=2))
