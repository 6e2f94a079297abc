"""Stands in for TensorFlow Serving where it is not installed.

It speaks what callers of docs/serving.md use of the two protocols: Predict over gRPC, and
`:predict` with named inputs over REST, and warms up. It has neither batching nor versions.
"""

import base64
import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_service_pb2_grpc
from tensorflow_serving.apis.predict_pb2 import PredictRequest, PredictResponse
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from benchmarks.speed.model_server import MODEL_NAME, ModelServer
from data.artifacts.model_folder import ExtraFiles


class _Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, model: Any) -> None:
        self._signatures = model.signatures

    def Predict(self, request: PredictRequest, context: grpc.ServicerContext) -> PredictResponse:  # noqa: N802
        assert request.model_spec.name == MODEL_NAME
        response = PredictResponse()
        answers = self.answer(request.model_spec.signature_name, _arrays(request))
        for name, values in answers.items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(values))
        return response

    def warm_up(self, requests: Path) -> None:
        for record in tf.data.TFRecordDataset(str(requests)).as_numpy_iterator():
            request = PredictionLog.FromString(record).predict_log.request
            self.answer(request.model_spec.signature_name, _arrays(request))

    def answer(self, signature: str, inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        function = self._signatures[signature or "serving_default"]
        specs = function.structured_input_signature[1]
        assert set(inputs) == set(specs)
        tensors = {name: tf.constant(values, specs[name].dtype) for name, values in inputs.items()}
        return {name: values.numpy() for name, values in function(**tensors).items()}


def _arrays(request: PredictRequest) -> dict[str, np.ndarray]:
    return {name: tf.make_ndarray(tensor) for name, tensor in request.inputs.items()}


@contextlib.contextmanager
def stand_in(version: Path) -> Iterator[ModelServer]:
    """Answers for one version of a model."""
    service = _Predictions(tf.saved_model.load(str(version)))
    service.warm_up(Path(ExtraFiles(str(version)).warm_up))
    server = grpc.server(ThreadPoolExecutor(4))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(service, server)
    port = server.add_insecure_port("localhost:0")
    rest = HTTPServer(("localhost", 0), _handler(service))
    thread = threading.Thread(target=rest.serve_forever, daemon=True)
    server.start()
    thread.start()
    try:
        yield ModelServer(port, rest.server_port)
    finally:
        rest.shutdown()
        thread.join()
        rest.server_close()
        server.stop(None)


def _handler(service: _Predictions) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == f"/v1/models/{MODEL_NAME}:predict"
            length = int(self.headers["Content-Length"])
            asked = json.loads(self.rfile.read(length), object_hook=_decoded)
            answers = service.answer(asked.get("signature_name", ""), asked["inputs"])
            outputs = {name: values.tolist() for name, values in answers.items()}
            content = json.dumps({"outputs": outputs}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            pass

    return Handler


def _decoded(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["b64"]) if set(value) == {"b64"} else value
