"""The fitted transform graph: from raw lists to model inputs."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from data.artifacts.vocabulary_files import read_vocabulary, vocabulary_file
from data.definition.dataset import Dataset
from data.errors import InputError
from data.lists.parsing import RawLists
from models.features.feature_ids import numbers_of_ids, unknown_ids
from models.features.layout import HISTORY_LENGTHS, ROW_LENGTHS, SINGLE_PIECES, Layout, ids_key
from models.features.within_list_columns import with_list_columns
from models.layers.history_parts import few_in_stock


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
            The matrices of `Layout`, and `row__lengths` int64 [B]; with histories also
            `history__lengths` int64 [B]; where the history is split by stock also
            `history__single_pieces` bool [H].
        """
        row_lengths = lists.row_lengths
        values = {**lists.context, **lists.item, **lists.history}
        given = {one.name: _sparse(values[one.name]) for one in self._dataset.features}
        # Labels and keys were in the schema, but nothing depends on them.
        unused = {n: _empty(spec) for n, spec in self._specs.items() if n not in given}
        outputs = dict(self._applied(given | unused))
        for key, first in self._first_unknown.items():
            outputs[key] = tf.where(outputs[key] < 0, first - 1 - outputs[key], outputs[key])
        found = {**with_list_columns(outputs, row_lengths), ROW_LENGTHS: row_lengths}
        if lists.history_lengths is not None:
            found[HISTORY_LENGTHS] = lists.history_lengths
        history = self._dataset.history
        if history is not None and history.split_by is not None:
            split = history.split_by
            at_most = split.at_most - self._dataset.feature(split.feature).origin
            found[SINGLE_PIECES] = few_in_stock(lists.history[split.feature], at_most)
        return found

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


def _sparse(values: tf.Tensor) -> tf.SparseTensor:
    """Values as the graph takes them, which never asks for their places."""
    flat = values if values.shape.rank == 1 else tf.reshape(values, [-1])
    places = tf.zeros([tf.size(flat), 2], tf.int64)
    return tf.SparseTensor(places, flat, tf.zeros([2], tf.int64))


def _empty(spec: tf.TypeSpec) -> tf.Tensor | tf.SparseTensor:
    if isinstance(spec, tf.SparseTensorSpec):
        places = tf.zeros([0, 2], tf.int64), tf.zeros([0], spec.dtype), tf.zeros([2], tf.int64)
        return tf.SparseTensor(*places)
    return tf.zeros([size or 0 for size in spec.shape], spec.dtype)
