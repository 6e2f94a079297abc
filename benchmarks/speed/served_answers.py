"""Answers of a pushed model through TF Serving, over gRPC."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

from benchmarks.speed.latency import Ask, one_at_a_time, several_clients
from benchmarks.speed.model_server import MODEL_NAME, model_server
from data.artifacts.served_answer import EXAMPLES
from data.artifacts.signature_names import SERVE_EXAMPLES, SERVING_DEFAULT
from data.lists.examples import plain_example
from models.serving.drawn_lists import draw_list
from models.serving.warmup_requests import predict_request
from models.training.pushed_model import PushedModel

# As in process: one thread for a request.
_ONE_THREAD = ("--tensorflow_intra_op_parallelism=1", "--tensorflow_inter_op_parallelism=1")


def measure(model: str, candidates: Sequence[int], requests: int, clients: int) -> dict[str, Any]:
    """Asks a server of its own for lists of several lengths.

    Args:
        model: a version of a pushed model.
        candidates: items of the lists.
        requests: to each signature, for each length.
        clients: that ask at the same time in the second part.

    Returns:
        `candidates`: by length, for each signature, the figures of `alone` and of `clients`.
    """
    pushed = PushedModel.load(model)
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder) / "versions"
        versions.mkdir()
        (versions / "1").symlink_to(model)
        with (
            model_server(versions, Path(folder) / "log", _ONE_THREAD) as server,
            grpc.insecure_channel(f"localhost:{server.grpc_port}") as channel,
        ):
            return {
                "candidates": {
                    str(items): _of_length(
                        asking(PredictionServiceStub(channel), pushed, items), requests, clients
                    )
                    for items in candidates
                }
            }


def asking(stub: PredictionServiceStub, pushed: PushedModel, items: int) -> dict[str, Ask]:
    """A request to each signature.

    Args:
        stub: of the server.
        pushed: the model that it serves.
        items: candidates of the list.

    Returns:
        Functions that send the request and wait for the answer.
    """
    generator = np.random.default_rng(items)
    values = draw_list(pushed.dataset, pushed.vocabularies, items, generator)
    plain = predict_request(MODEL_NAME, SERVING_DEFAULT, values)
    examples = predict_request(
        MODEL_NAME, SERVE_EXAMPLES, {EXAMPLES: np.array([plain_example(values)], object)}
    )
    return {
        SERVING_DEFAULT: lambda: stub.Predict(plain),
        SERVE_EXAMPLES: lambda: stub.Predict(examples),
    }


def _of_length(ways: Mapping[str, Ask], requests: int, clients: int) -> dict[str, Any]:
    return {
        "alone": one_at_a_time(ways, requests),
        "clients": several_clients(ways, requests, clients),
    }
