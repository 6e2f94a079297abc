"""Requests that TF Serving sends to a model before anyone else does.

The first request of a signature takes seconds, since the server only then prepares its graph.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis.predict_pb2 import PredictRequest
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from data.artifacts.served_answer import EXAMPLES
from data.artifacts.signature_names import SERVING_DEFAULT, SignatureName
from data.definition.dataset import Dataset
from data.lists.examples import plain_example
from models.serving.drawn_lists import draw_list

# Short lists and long ones take different ways through the transform graph.
CANDIDATES = (1, 25, 200, 1000)
_SEED = 1


def write_warm_up(
    path: str,
    dataset: Dataset,
    vocabularies: Mapping[str, Sequence[bytes]],
    signatures: Sequence[SignatureName],
) -> None:
    """Writes a request for each signature and each of `CANDIDATES`, as TFRecords.

    The lists are drawn: nothing of the logs is in them but what the model folder holds anyway.

    Args:
        path: the file.
        dataset: the features.
        vocabularies: values of each categorical feature.
        signatures: those that are warmed up.
    """
    with tf.io.TFRecordWriter(path) as writer:
        for log in _requests(dataset, vocabularies, signatures):
            writer.write(log.SerializeToString())


def _requests(
    dataset: Dataset,
    vocabularies: Mapping[str, Sequence[bytes]],
    signatures: Sequence[SignatureName],
) -> Iterator[PredictionLog]:
    generator = np.random.default_rng(_SEED)
    for items in CANDIDATES:
        values = draw_list(dataset, vocabularies, items, generator)
        # A single list fits any batching server.
        example = {EXAMPLES: np.array([plain_example(values)], object)}
        for signature in signatures:
            inputs = values if signature == SERVING_DEFAULT else example
            log = PredictionLog()
            log.predict_log.request.CopyFrom(predict_request(dataset.name, signature, inputs))
            yield log


def predict_request(model: str, signature: str, inputs: Mapping[str, np.ndarray]) -> PredictRequest:
    """A request to TF Serving.

    Args:
        model: the name under which the server knows the model.
        signature: the signature.
        inputs: by name.

    Returns:
        The request.
    """
    request = PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    for name, values in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
    return request
