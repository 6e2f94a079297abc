"""Raw lists to model inputs, by TensorFlow Transform: the same graph trains, evaluates and serves.

What comes out are matrices, see `models.features.layout`; items are flat, list after list.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from data.artifacts.vocabulary_files import vocabulary_file
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from models.features.feature_ids import MISSING_ID, has_missing_id
from models.features.item_kinds import KINDS, kinds_of_items, without_lacking
from models.features.layout import Layout, ids_key
from models.features.numbers import number_matrices
from models.features.vocabularies import training_vocabularies

Inputs = Mapping[str, tf.SparseTensor]
Tensors = dict[str, tf.Tensor]


def preprocessing_fn(inputs: Inputs, custom_config: Mapping[str, Any]) -> Tensors:
    """The transform graph.

    Args:
        inputs: raw lists, a SparseTensor [B, values] by key; labels may be among them, but
            nothing depends on them.
        custom_config: `dataset`: the dataset's definition as JSON.

    Returns:
        `item__numbers` float [N, D]: values standardised over the finite training values, 0 where
        missing; indicators of missing ones. `item__raw` and `item__deviations`: what versions
        within the list are made of, see `models.features.within_list_columns`. `item__ids`
        int64 [N, C], below 0 for unknown values. `context__numbers`, `context__ids`: those of the
        B lists. `history__numbers`, `history__ids`: those of the H past actions, by the vocabulary,
        moments and boundaries of the item feature that a feature is like. `Layout` names the
        columns; a matrix without any is left out. Where features name kinds of items,
        `item__kinds` float [N, K], see `models.features.item_kinds`.
    """
    dataset = Dataset.model_validate(custom_config["dataset"])
    layout = Layout(dataset)
    kinds = kinds_of_items(dataset, inputs)
    if kinds is not None:
        inputs = without_lacking(dataset, inputs, kinds)
    places, boundaries = _places(dataset, inputs), Boundaries(inputs)
    matrices = {
        ids_key(scope): _ids(dataset, features, inputs, places, boundaries)
        for scope, features in layout.embedded.items()
        if features
    }
    matrices |= number_matrices(dataset, layout, inputs, kinds)
    return matrices if kinds is None else {**matrices, KINDS: kinds}


def _places(dataset: Dataset, inputs: Inputs) -> Tensors:
    """Places in the vocabularies by falling frequency from 0; those of unknown values from -1 down.

    An unknown value's place follows from its hash. Its id is one after the known ones, which
    `TransformGraph` gives to those of all features at once. A feature that is like another one adds
    nothing to its vocabulary, and is looked up there.
    """
    features = dataset.categorical_features
    files = {vocabulary_file(dataset, one): one for one in features if one.like is None}
    values = {file: inputs[feature.name].values for file, feature in files.items()}
    sizes = {file: feature.vocabulary_size for file, feature in files.items()}
    others = {one.name: inputs[one.name].values for one in features if one.like is not None}
    paths, lines = training_vocabularies(values, sizes, others)
    places = {}
    for feature in features:
        file = vocabulary_file(dataset, feature)
        texts = lines[file if feature.like is None else feature.name]
        found = tft.apply_vocabulary(texts, paths[file], default_value=-1)
        if feature.out_of_vocabulary_buckets > 1:
            # As they are, not as lines of a file: callers with ids of their own hash them too.
            raw, buckets = inputs[feature.name].values, feature.out_of_vocabulary_buckets
            bucket = tf.strings.to_hash_bucket_fast(raw, buckets)
            found = tf.where(found < 0, -1 - bucket, found)
        places[feature.name] = found
    return places


def _ids(
    dataset: Dataset,
    features: Sequence[Feature],
    inputs: Inputs,
    places: Mapping[str, tf.Tensor],
    boundaries: "Boundaries",
) -> tf.Tensor:
    """Missing 0, then the others from 1, or from 0 where a missing value has no id of its own.

    A missing value without an id is an unknown one: the vocabulary has no empty value.
    """
    words = [feature for feature in features if feature.name in places]
    numbers = [feature for feature in features if feature.name not in places]
    ids, missing = [], []
    if words:
        ids.append(tf.stack([places[feature.name] for feature in words]))
        missing.append(tf.stack([inputs[feature.name].values for feature in words]) == "")
    if numbers:
        values = tf.stack([inputs[feature.name].values for feature in numbers])
        ids.append(_buckets([boundaries.of(dataset.learnt_as(one)) for one in numbers], values))
        missing.append(~tf.math.is_finite(values))
    order = [*words, *numbers]
    shift = tf.constant([[has_missing_id(dataset, feature)] for feature in order])
    place = tf.concat(ids, axis=0)
    known = tf.where(place < 0, place, place + tf.cast(shift, tf.int64))
    joined = tf.where(tf.concat(missing, axis=0) & shift, tf.constant(MISSING_ID, tf.int64), known)
    rows = [order.index(feature) for feature in features]
    return tf.transpose(joined if order == list(features) else tf.gather(joined, rows))


def _buckets(boundaries: Sequence[tf.Tensor], values: tf.Tensor) -> tf.Tensor:
    """The buckets from 0: [.., b1), [b1, b2), ...; int64 [F, N] of float [F, N]."""
    most = tf.reduce_max([tf.size(one) for one in boundaries])
    # No finite value reaches those that fill a row up.
    rows = [
        tf.pad(one, [[0, most - tf.size(one)]], constant_values=float("inf")) for one in boundaries
    ]
    # tf.searchsorted would reshape the values, which ONNX refuses where there are none.
    return tf.raw_ops.UpperBound(sorted_inputs=tf.stack(rows), values=values, out_type=tf.int64)


class Boundaries:
    """Inner boundaries of buckets, each feature's found once.

    Args:
        inputs: raw lists.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._found: Tensors = {}

    def of(self, feature: Feature) -> tf.Tensor:
        """The boundaries of a feature: as it says, else quantiles of its training values."""
        if feature.name not in self._found:
            self._found[feature.name] = self._find(feature)
        return self._found[feature.name]

    def _find(self, feature: Feature) -> tf.Tensor:
        if feature.boundaries is not None:
            return tf.constant(feature.boundaries, tf.float32)
        values = self._inputs[feature.name].values
        known = tf.boolean_mask(values, tf.math.is_finite(values))
        return tft.quantiles(known, feature.buckets, epsilon=1e-3)[0]
