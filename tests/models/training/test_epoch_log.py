import json

import tensorflow as tf

from models.training.epoch_log import HISTORY_FILE, EpochLog


def test_logs_go_to_file_systems_that_only_tensorflow_knows() -> None:
    """TensorFlow's file system in memory stands in for object stores."""
    folder = "ram://runs/epochs"
    entry = {"epoch": 1, "train": {"loss": 2.0}, "validation": {"ndcg": 0.5}}
    EpochLog(folder).write([entry, {**entry, "epoch": 2}], 1, kept=1)
    with tf.io.gfile.GFile(f"{folder}/{HISTORY_FILE}") as file:
        first, second = json.load(file)
    assert first == {**entry, "kept": True}
    assert (second["epoch"], second["kept"]) == (2, False)
    assert tf.io.gfile.glob(f"{folder}/train/events*")
