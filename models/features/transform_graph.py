"""The fitted transform graph: from raw lists to model inputs."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from data.artifacts.vocabulary_files import read_vocabulary, vocabulary_file
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.errors import InputError
from data.lists.parsing import RawLists
from models.features.feature_ids import numbers_of_ids, unknown_ids
from models.features.layout import Layout, ids_key
from models.features.within_list import list_of_item


class TransformGraph(tf.Module):
    """What `preprocessing_fn` became once it was fitted; vocabularies are its assets.

    Attributes:
        sizes: number of ids of each feature that is read as ids.

    Args:
        dataset: the dataset.
        folder: what the Transform component wrote.

    Raises:
        InputError: the graph was fitted with a schema that lacks a feature, or that gives it a
            fixed shape.
    """

    def __init__(self, dataset: Dataset, folder: str) -> None:
        super().__init__(name="transform")
        output = tft.TFTransformOutput(folder)
        self._files = {
            feature.name: vocabulary_file(dataset, feature)
            for feature in dataset.categorical_features
        }
        words = {name: output.vocabulary_size_by_name(one) for name, one in self._files.items()}
        self.sizes = numbers_of_ids(dataset, words)
        self._first_unknown = {
            ids_key(scope): np.array([self.sizes[one.name] - unknown_ids(one) for one in features])
            for scope, features in Layout(dataset).embedded.items()
            if any(map(unknown_ids, features))
        }
        self._output = output
        self._dataset = dataset
        # Loaded as any SavedModel is: TensorFlow Transform's own layer is a Keras model, which
        # would trace all of Keras's functions into the export.
        self._graph = tf.saved_model.load(output.transform_savedmodel_dir)
        self._specs = dict(self._graph.transform_fn.structured_input_signature[0][0])
        for feature in dataset.features:
            if not isinstance(self._specs.get(feature.name), tf.SparseTensorSpec):
                raise InputError(
                    f"schema: feature {feature.name!r} must be there and must have no shape, "
                    f"found {self._specs.get(feature.name)}"
                )

    def vocabularies(self) -> dict[str, list[bytes]]:
        """Values of each categorical feature, by id."""
        return {
            name: read_vocabulary(self._output.vocabulary_file_by_name(file))
            for name, file in self._files.items()
        }

    def __call__(self, lists: RawLists) -> dict[str, tf.Tensor]:
        """Applies the graph.

        Args:
            lists: raw lists.

        Returns:
            What `preprocessing_fn` puts out.
        """
        context = {
            f.name: (lists.context[f.name], codec(f).width) for f in self._dataset.context_features
        }
        item = {f.name: (lists.item[f.name], codec(f).width) for f in self._dataset.item_features}
        row_lengths = lists.row_lengths
        given = _sparse(context, tf.ones_like(row_lengths)) | _sparse(item, row_lengths)
        # Labels and keys were in the schema, but nothing depends on them.
        unused = {n: _empty(spec) for n, spec in self._specs.items() if n not in given}
        outputs = dict(self._applied(given | unused))
        for key, first in self._first_unknown.items():
            outputs[key] = tf.where(outputs[key] < 0, first - 1 - outputs[key], outputs[key])
        return outputs

    def _applied(self, inputs: Mapping[str, tf.Tensor | tf.SparseTensor]) -> dict[str, tf.Tensor]:
        function = self._graph.transform_fn
        if tf.executing_eagerly():
            return function(inputs)
        # As nodes of the graph that calls: as a call, TensorFlow would not look into it.
        flat = tf.nest.flatten(inputs, expand_composites=True)
        tables = map(tf.identity, function.captured_inputs)
        names = [tensor.name for tensor in function.inputs]
        found = tf.graph_util.import_graph_def(
            function.graph.as_graph_def(),
            dict(zip(names, [*flat, *tables], strict=True)),
            [tensor.name for tensor in function.outputs],
            name="transform",
        )
        return tf.nest.pack_sequence_as(function.structured_outputs, found)


def _sparse(
    features: Mapping[str, tuple[tf.Tensor, int]], row_lengths: tf.Tensor
) -> dict[str, tf.SparseTensor]:
    lengths = {length for _, length in features.values()}
    places = {length: _places(row_lengths * length) for length in lengths}
    return {
        name: tf.SparseTensor(places[length][0], _flat(values), places[length][1])
        for name, (values, length) in features.items()
    }


def _flat(values: tf.Tensor) -> tf.Tensor:
    return values if values.shape.rank == 1 else tf.reshape(values, [-1])


def _places(row_lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Indices [M, 2] and dense shape [2] of left-aligned rows."""
    rows = tf.size(row_lengths, tf.int64)
    number = tf.reduce_sum(row_lengths)
    row = list_of_item(row_lengths, number)
    starts = tf.gather(tf.cumsum(row_lengths, exclusive=True), row)
    column = tf.range(number) - starts
    width = tf.reduce_max(tf.concat([[tf.constant(0, tf.int64)], row_lengths], axis=0))
    return tf.stack([row, column], axis=1), tf.stack([rows, width])


def _empty(spec: tf.TypeSpec) -> tf.Tensor | tf.SparseTensor:
    if isinstance(spec, tf.SparseTensorSpec):
        places = tf.zeros([0, 2], tf.int64), tf.zeros([0], spec.dtype), tf.zeros([2], tf.int64)
        return tf.SparseTensor(*places)
    return tf.zeros([size or 0 for size in spec.shape], spec.dtype)
