from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from data.artifacts.model_folder import ExtraFiles
from data.definition.dataset import Dataset
from models.features.transform_graph import TransformGraph
from models.serving.warmup_requests import CANDIDATES, write_warm_up


def requests_in(path: Path) -> list[Any]:
    records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    return [PredictionLog.FromString(record).predict_log.request for record in records]


@pytest.fixture(scope="module")
def requests(trained: Path) -> list[Any]:
    return requests_in(Path(ExtraFiles(str(trained / "model")).warm_up))


def test_every_signature_is_asked_for_lists_of_every_length(requests: list[Any]) -> None:
    signatures = [request.model_spec.signature_name for request in requests]
    assert signatures == ["serving_default", "serve_examples"] * len(CANDIDATES)
    prices = [len(tf.make_ndarray(request.inputs["price"])) for request in requests[::2]]
    assert tuple(prices) == CANDIDATES
    for request in requests[1::2]:
        # One list fits any batching server.
        assert tf.make_ndarray(request.inputs["examples"]).shape == (1,)


def test_every_request_is_answered(trained: Path, requests: list[Any]) -> None:
    exported = tf.saved_model.load(str(trained / "model"))
    for number, request in enumerate(requests):
        inputs = {
            name: tf.constant(tf.make_ndarray(tensor)) for name, tensor in request.inputs.items()
        }
        outputs = exported.signatures[request.model_spec.signature_name](**inputs)
        for values in outputs.values():
            assert np.size(values) == CANDIDATES[number // 2]
            assert np.isfinite(values).all()


def test_texts_are_those_of_the_vocabularies(requests: list[Any], graph: TransformGraph) -> None:
    for name, vocabulary in graph.vocabularies().items():
        drawn = {
            text for request in requests[::2] for text in tf.make_ndarray(request.inputs[name]).flat
        }
        assert drawn <= {*vocabulary, b""}
    # The longest list has them all.
    assert {b"", *graph.vocabularies()["brand"]} == drawn


def test_signatures_can_be_left_out(
    tmp_path: Path, dataset: Dataset, graph: TransformGraph
) -> None:
    write_warm_up(str(tmp_path / "some"), dataset, graph.vocabularies(), ("serve_examples",))
    signatures = {request.model_spec.signature_name for request in requests_in(tmp_path / "some")}
    assert signatures == {"serve_examples"}
