"""From a pushed model to its first answers, and what a loaded one holds."""

import time
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from benchmarks.speed.usage import held_megabytes
from data.artifacts.model_folder import ExtraFiles
from data.artifacts.signature_names import SERVING_DEFAULT
from models.serving.drawn_lists import draw_list
from models.training.pushed_model import PushedModel


def measure(model: str, candidates: int, warm_up: bool) -> dict[str, Any]:
    """Loads a model, warms it up as TF Serving does, and asks for answers.

    Wants a process of its own.

    Args:
        model: a version of a pushed model.
        candidates: items of the list that is asked for.
        warm_up: whether the requests that travel with the model are answered first.

    Returns:
        `load_seconds`; `warm_up_seconds`, 0 without; `first_ms` and `second_ms` of the answers of
        `serving_default`; `megabytes` that the process holds more than before it loaded the model.
    """
    pushed = PushedModel.load(model)
    generator = np.random.default_rng(candidates)
    values = draw_list(pushed.dataset, pushed.vocabularies, candidates, generator)
    inputs = {name: tf.constant(value) for name, value in values.items()}
    before, started = held_megabytes(), time.perf_counter()
    loaded = tf.saved_model.load(model)
    ended = time.perf_counter()
    if warm_up:
        _warm_up(loaded, model)
    ready = time.perf_counter()
    serve = loaded.signatures[SERVING_DEFAULT]
    first, second = (_milliseconds(serve, inputs) for _ in range(2))
    return {
        "load_seconds": ended - started,
        "warm_up_seconds": ready - ended if warm_up else 0.0,
        "first_ms": first,
        "second_ms": second,
        "megabytes": held_megabytes() - before,
    }


def _warm_up(loaded: Any, model: str) -> None:
    for record in tf.data.TFRecordDataset(ExtraFiles(model).warm_up).as_numpy_iterator():
        request = PredictionLog.FromString(record).predict_log.request
        tensors = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        loaded.signatures[request.model_spec.signature_name](
            **{name: tf.constant(value) for name, value in tensors.items()}
        )


def _milliseconds(serve: Any, inputs: dict[str, tf.Tensor]) -> float:
    started = time.perf_counter()
    serve(**inputs)
    return 1000 * (time.perf_counter() - started)
