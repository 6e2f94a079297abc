"""Single tf.Examples as arrays, and decoders of many."""

from collections.abc import Iterable, Mapping

import numpy as np
import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

from data.definition.codecs import codec
from data.definition.feature import Feature


def example_decoder(
    features: Iterable[Feature] = (), texts: Iterable[str] = (), numbers: Iterable[str] = ()
) -> ExamplesToRecordBatchDecoder:
    """A decoder of serialized tf.Examples into a record batch of lists.

    Args:
        features: features to read.
        texts: other keys of texts.
        numbers: other keys of numbers.

    Returns:
        The decoder, which reads these keys alone.
    """
    types = {feature.name: codec(feature).schema_type for feature in features}
    types |= dict.fromkeys(texts, schema_pb2.BYTES) | dict.fromkeys(numbers, schema_pb2.FLOAT)
    schema = schema_pb2.Schema(
        feature=[schema_pb2.Feature(name=name, type=kind) for name, kind in types.items()]
    )
    return ExamplesToRecordBatchDecoder(schema.SerializeToString())


def feature_columns(features: Iterable[Feature], example: bytes) -> dict[str, np.ndarray]:
    """The features of one list.

    Args:
        features: the features.
        example: a serialized tf.Example.

    Returns:
        By feature, float32 or object (bytes): a row for the list or for each item.
    """
    found = tf.train.Example.FromString(example).features.feature
    return {feature.name: _column(feature, found[feature.name]) for feature in features}


def plain_example(columns: Mapping[str, np.ndarray]) -> bytes:
    """One list as a serialized tf.Example, from numbers or bytes (object) by key."""
    features = {name: _feature(values.ravel()) for name, values in columns.items()}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _column(feature: Feature, found: tf.train.Feature) -> np.ndarray:
    own = codec(feature)
    if own.dtype == "string":
        return np.array(list(found.bytes_list.value), object)
    return np.array(found.float_list.value, np.float32).reshape(-1, *own.shape)


def _feature(values: np.ndarray) -> tf.train.Feature:
    if values.dtype == object:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))
