"""How many answers a second a process gives to more and more clients, and how late the last are."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.speed.latency import several_clients
from data.artifacts.signature_names import SERVING_DEFAULT
from models.serving.drawn_lists import draw_list
from models.training.pushed_model import PushedModel


def measure(
    model: str,
    candidates: Sequence[int],
    clients: Sequence[int],
    requests: int,
    intra: int,
    inter: int,
) -> dict[str, Any]:
    """Asks `serving_default`, every client again as soon as it has its answer.

    Wants a process of its own, since threads are chosen once.

    Args:
        model: a version of a pushed model.
        candidates: items of the lists.
        clients: numbers of clients that ask at the same time.
        requests: for each length and number of clients, at least.
        intra: threads that an operation may be split over; 0 for one a core.
        inter: threads that operations may run on at the same time; 0 for one a core.

    Returns:
        By length and number of clients: `p50_ms`, `p99_ms`, `least_ms`, `answers_per_second`.
    """
    tf.config.threading.set_intra_op_parallelism_threads(intra)
    tf.config.threading.set_inter_op_parallelism_threads(inter)
    pushed = PushedModel.load(model)
    # Kept, since it owns the variables.
    loaded = tf.saved_model.load(model)
    serve = loaded.signatures[SERVING_DEFAULT]
    found: dict[str, Any] = {}
    for items in candidates:
        generator = np.random.default_rng(items)
        values = draw_list(pushed.dataset, pushed.vocabularies, items, generator)
        inputs = {name: tf.constant(value) for name, value in values.items()}
        ways: dict[str, Callable[[], object]] = {SERVING_DEFAULT: partial(serve, **inputs)}
        several_clients(ways, 1, 1)
        found[str(items)] = {
            str(number): several_clients(ways, requests, number)[SERVING_DEFAULT]
            for number in clients
        }
    return found
