"""Requests that TF Serving sends to a model before anyone else does.

The first request of a signature takes seconds, since the server only then prepares its graph.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from data.dataset import Dataset
from data.feature import Feature
from models.config import SignatureName
from models.signatures import EXAMPLES, SERVING_DEFAULT, plain_spec

# TF Serving looks for this name in `assets.extra`.
WARM_UP_FILE = "tf_serving_warmup_requests"
# Short lists and long ones take different ways through the transform graph.
CANDIDATES = (1, 25, 200, 1000)
_MISSING_SHARE = 0.1
_SEED = 1


def write_warm_up(
    path: str,
    dataset: Dataset,
    vocabularies: Mapping[str, Sequence[bytes]],
    signatures: Sequence[SignatureName],
) -> None:
    """Writes a request for each signature and each of `CANDIDATES`, as TFRecords.

    Nothing of the logs is in them but what the model folder holds anyway: numbers are drawn from a
    standard normal distribution, texts from the vocabularies, and a tenth is missing.

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
        values = {
            feature.name: _draw(
                generator,
                feature,
                vocabularies.get(feature.name, ()),
                1 if feature.scope == "context" else items,
            )
            for feature in dataset.features
        }
        for signature in signatures:
            plain = signature == SERVING_DEFAULT
            yield _log(dataset, signature, values if plain else _example(values))


def _draw(
    generator: np.random.Generator, feature: Feature, vocabulary: Sequence[bytes], rows: int
) -> np.ndarray:
    """Values of a feature in the shape that `serving_default` takes."""
    spec = plain_spec(feature)
    shape = (rows, *spec.shape[1:])
    missing = generator.random(shape) < _MISSING_SHARE
    if spec.dtype == tf.string:
        texts = np.array([*vocabulary, b""], object)
        return np.where(missing, b"", generator.choice(texts, shape))
    return np.where(missing, np.nan, generator.normal(size=shape)).astype(np.float32)


def _example(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The list as the input of `serve_examples`: one, so that it fits any batching server."""
    features = {name: _feature(column.ravel()) for name, column in values.items()}
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return {EXAMPLES: np.array([example.SerializeToString()], object)}


def _feature(values: np.ndarray) -> tf.train.Feature:
    if values.dtype == object:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def _log(
    dataset: Dataset, signature: SignatureName, inputs: Mapping[str, np.ndarray]
) -> PredictionLog:
    log = PredictionLog()
    request = log.predict_log.request
    request.model_spec.name = dataset.name
    request.model_spec.signature_name = signature
    for name, values in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
    return log
