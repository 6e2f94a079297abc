"""Raw lists to model inputs, by TensorFlow Transform: the same graph trains, evaluates and serves.

Item features come out flat [N], context features [B]; `row__lengths` joins them.
"""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from data.artifacts.vocabulary_files import vocabulary_file
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from models.features import transformed
from models.features.numeric_features import numeric_outputs
from models.features.vocabularies import training_vocabularies

Tensors = dict[str, tf.Tensor]


def preprocessing_fn(
    inputs: Mapping[str, tf.SparseTensor], custom_config: Mapping[str, Any]
) -> Tensors:
    """The transform graph.

    Args:
        inputs: raw lists, a SparseTensor [B, values] by key; labels may be among them, but
            nothing depends on them.
        custom_config: `dataset`: the dataset's definition as JSON.

    Returns:
        By key, for a feature `x`: numeric `x` float [N], standardised over the finite training
        values, 0 where missing; `x__missing` float [N]; `x__percentile`, `x__standardised` float
        [N] where asked for; categorical and bucketed `x` int64 [N]; vector `x` float [N, length]
        and `x__missing`. Context features have B in place of N. `row__lengths` int64 [B].
    """
    dataset = Dataset.model_validate(custom_config["dataset"])
    outputs = {transformed.ROW_LENGTHS: _row_lengths(dataset, inputs)}
    outputs |= _ids_of_categories(dataset, inputs)
    for feature in dataset.features:
        if feature.kind == "bucketed":
            outputs[feature.name] = _buckets(feature, inputs[feature.name].values)
    return outputs | numeric_outputs(dataset, inputs, outputs[transformed.ROW_LENGTHS])


def _row_lengths(dataset: Dataset, inputs: Mapping[str, tf.SparseTensor]) -> tf.Tensor:
    feature = dataset.item_features[0]
    values = inputs[feature.name]
    row, lists = values.indices[:, 0], values.dense_shape[0]
    return tf.math.unsorted_segment_sum(tf.ones_like(row), row, lists) // codec(feature).width


def _ids_of_categories(dataset: Dataset, inputs: Mapping[str, tf.SparseTensor]) -> Tensors:
    files = {vocabulary_file(dataset, feature): feature for feature in dataset.categorical_features}
    values = {file: inputs[feature.name].values for file, feature in files.items()}
    sizes = {file: feature.vocabulary_size for file, feature in files.items()}
    paths, lines = training_vocabularies(values, sizes)
    return {
        feature.name: _ids(dataset, feature, values[file], lines[file], paths[file])
        for file, feature in files.items()
    }


def _ids(
    dataset: Dataset, feature: Feature, values: tf.Tensor, lines: tf.Tensor, path: tf.Tensor
) -> tf.Tensor:
    """Missing 0, then the vocabulary by falling frequency, then the unknown values by hash."""
    ids = tft.apply_vocabulary(lines, path, num_oov_buckets=feature.out_of_vocabulary_buckets)
    if not transformed.has_missing_id(dataset, feature):
        return ids
    return tf.where(values == "", tf.constant(transformed.MISSING_ID, tf.int64), ids + 1)


def _buckets(feature: Feature, values: tf.Tensor) -> tf.Tensor:
    """Missing 0, then the buckets from 1: [.., b1), [b1, b2), ..."""
    finite = tf.math.is_finite(values)
    if feature.boundaries is None:
        known = tf.boolean_mask(values, finite)
        boundaries = tft.quantiles(known, feature.buckets, epsilon=1e-3)[0]
    else:
        boundaries = tf.constant(feature.boundaries, tf.float32)
    bucket = tf.searchsorted(boundaries, values, side="right", out_type=tf.int64)
    return tf.where(finite, bucket + 1, tf.constant(transformed.MISSING_ID, tf.int64))
