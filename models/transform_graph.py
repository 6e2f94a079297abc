"""The fitted transform graph: fitting it on training lists, and applying it to raw lists."""

from collections.abc import Mapping, Sequence

import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from tensorflow_transform.tf_metadata import schema_utils
from tfx_bsl.public.tfxio import TFExampleRecord

import apache_beam as beam
from data.dataset import Dataset
from data.errors import InputError
from data.parsing import RawLists, raw_feature_spec
from models.preprocessing import preprocessing_fn


def fit_transform_graph(dataset: Dataset, files: Sequence[str], output: str, scratch: str) -> None:
    """Fits the transform graph on lists, as the Transform component does.

    Args:
        dataset: the dataset.
        files: patterns of TFRecord files of serialized lists.
        output: folder that the graph is written to.
        scratch: folder for temporary files.
    """
    schema = schema_utils.schema_from_feature_spec(raw_feature_spec(dataset, labels=False))
    reader = TFExampleRecord(list(files), schema=schema, telemetry_descriptors=["seqmd"])
    config = {"dataset": dataset.model_dump(mode="json")}
    with beam.Pipeline() as pipeline, tft_beam.Context(temp_dir=scratch):
        lists = pipeline | reader.BeamSource()
        graph = (lists, reader.TensorAdapterConfig()) | tft_beam.AnalyzeDataset(
            lambda inputs: preprocessing_fn(inputs, config)
        )
        _ = graph | tft_beam.WriteTransformFn(output)


def load_transform_layer(dataset: Dataset, output: tft.TFTransformOutput) -> tf.keras.Model:
    """The fitted transform graph as a layer over `transform_inputs`.

    Raises:
        InputError: the graph was fitted with a schema that gives a feature a fixed shape, or
            that lacks it.
    """
    spec = output.raw_feature_spec()
    for feature in dataset.features:
        if not isinstance(spec.get(feature.name), tf.io.VarLenFeature):
            raise InputError(
                f"schema: feature {feature.name!r} must be there and have no shape, "
                f"found {spec.get(feature.name)}"
            )
    return output.transform_features_layer()


def transform_inputs(dataset: Dataset, lists: RawLists) -> dict[str, tf.SparseTensor]:
    """Raw lists in the form that the transform graph takes: a SparseTensor [B, values] by key."""
    row_lengths = lists.row_lengths
    ones = tf.ones_like(row_lengths)
    context = {f.name: (lists.context[f.name], f.length or 1) for f in dataset.context_features}
    item = {f.name: (lists.item[f.name], f.length or 1) for f in dataset.item_features}
    return _sparse(context, ones) | _sparse(item, row_lengths)


def _sparse(
    features: Mapping[str, tuple[tf.Tensor, int]], row_lengths: tf.Tensor
) -> dict[str, tf.SparseTensor]:
    places = {
        length: _places(row_lengths * length) for length in {length for _, length in features.values()}
    }
    return {
        name: tf.SparseTensor(places[length][0], tf.reshape(values, [-1]), places[length][1])
        for name, (values, length) in features.items()
    }


def _places(row_lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Indices [M, 2] and dense shape [2] of left-aligned rows."""
    rows = tf.size(row_lengths, tf.int64)
    row = tf.repeat(tf.range(rows), row_lengths)
    starts = tf.gather(tf.cumsum(row_lengths, exclusive=True), row)
    column = tf.range(tf.size(row, tf.int64)) - starts
    width = tf.reduce_max(tf.concat([[tf.constant(0, tf.int64)], row_lengths], axis=0))
    return tf.stack([row, column], axis=1), tf.stack([rows, width])
