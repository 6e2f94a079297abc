"""What was done before lists, made of features: columns of candidates and entries, and ages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.history_split import HistorySplit
from data.definition.keys import HISTORY, missing
from data.definition.scopes import ScopeName
from models.config import HistoryConfig
from models.features.embedding_tables import EmbeddingTables
from models.features.layout import (
    HISTORY_LENGTHS,
    ROW_LENGTHS,
    SINGLE_PIECES,
    Layout,
    column_of_ids,
    ids_key,
    numbers_key,
    places_of,
    vector_keys,
)
from models.features.single_pieces import SinglePieces
from models.layers.axes import NamedAxes, Names
from models.layers.building import build_inside
from models.layers.history_encoder import History, HistoryEncoder
from models.layers.history_parts import history_parts
from models.layers.split_history_encoder import SplitHistoryEncoder

# A numeric age is cut where a normal distribution has its tenths, which standardised logarithms of
# ages are near; those that are missing have a bucket of their own, the first.
_TENTHS = (-1.2816, -0.8416, -0.5244, -0.2533, 0.0, 0.2533, 0.5244, 0.8416, 1.2816)

# Small beside the square of what embeddings start with, so that all but those of missing and of
# unknown values, which start at 0, are scaled.
_EPSILON = 1e-4


class Parts(NamedTuple):
    """What stands beside each other in a matrix of candidates or of entries.

    Attributes:
        scope: whose values they are.
        numeric: the features whose numbers come first, each with its indicator of missing ones.
        embedded: the features whose embeddings follow.
    """

    scope: ScopeName
    numeric: tuple[Feature, ...]
    embedded: tuple[Feature, ...]

    @property
    def keys(self) -> list[str]:
        """Keys of the columns of numbers."""
        return [key for one in self.numeric for key in (*vector_keys(one), missing(one.name))]


class HistoryStream(tf.keras.layers.Layer):
    """Histories as each item sees them: `history[0]`, `history[1]`, ... beside its own features.

    An entry is all that the history's features say of it. A candidate asks with what it has for the
    item features that these are like; without any, all candidates of a list ask the same.

    Args:
        dataset: a dataset with features of histories.
        embeddings: of all features.
        sizes: number of ids of each feature that is read as ids.
        config: the encoder.
        seed: seed of initial weights.
    """

    def __init__(
        self,
        dataset: Dataset,
        embeddings: EmbeddingTables,
        sizes: Mapping[str, int],
        config: HistoryConfig,
        seed: int | None = None,
    ) -> None:
        super().__init__(name=HISTORY)
        self.dataset = dataset
        self.layout = Layout(dataset)
        self._widths = {name: rows.width for name, rows in embeddings.rows.items()}
        asked = {dataset.learnt_as(one).name for one in dataset.history_features if one.like}
        alike = [one for one in dataset.item_features if one.name in asked]
        self.candidates = _parts("item", alike)
        self.entries = _parts("history", dataset.history_features)
        assert dataset.history is not None
        self._age = dataset.feature(dataset.history.age) if dataset.history.age else None
        ages, said = self._ages(sizes), self._said_by(self.candidates)
        same = [said.index(one) if one in said else -1 for one in self._said_by(self.entries)]
        self.split = dataset.history.split_by if config.split else None
        options = (config.units, config.heads, ages, seed, same)
        self.encoder = self._encoder(options, self.split)

    def _encoder(self, options: tuple, split: HistorySplit | None) -> HistoryEncoder:
        """The encoder of all entries, or those of single pieces and of the rest."""
        if split is None:
            return HistoryEncoder(*options, name="encoder")
        own = self.dataset.history_features
        id_columns, side = None, []
        if split.id is not None:
            of_id = self._columns_of(self.dataset.feature(split.id))
            id_columns = (of_id[0], of_id[-1] + 1)
            known = split.side_information(own)
            side = [column for feature in known for column in self._columns_of(feature)]
        return SplitHistoryEncoder(
            *options, id_columns=id_columns, side_columns=side, name="encoder"
        )

    def _columns_of(self, feature: Feature) -> list[int]:
        """The columns of an entry that a feature has."""
        parts = self.entries
        features = [one for one in parts.numeric for _ in (*vector_keys(one), missing(one.name))]
        for one in parts.embedded:
            width = self._widths[self.dataset.learnt_as(one).name]
            features += [one] * width
        return [place for place, one in enumerate(features) if one == feature]

    def _ages(self, sizes: Mapping[str, int]) -> int:
        if self._age is None:
            return 1
        return sizes[self._age.name] if codec(self._age).embedded else len(_TENTHS) + 2

    def build(self, input_shape: None = None) -> None:
        """Makes the encoder's weights."""
        widths = [len(self._names(one)) for one in (self.candidates, self.entries)]
        candidates, entries = (tf.TensorShape([None, width]) for width in widths)
        unknown = tf.TensorShape([None])
        build_inside(self.encoder, History(candidates, unknown, entries, unknown, unknown))
        super().build(input_shape)

    def call(
        self,
        inputs: Mapping[str, tf.Tensor],
        items: Mapping[str, tf.Tensor],
        entries: Mapping[str, tf.Tensor],
    ) -> tf.Tensor:
        """Encodes the histories.

        Args:
            inputs: what the transform graph puts out.
            items: embeddings of items, float [N, width] by feature.
            entries: embeddings of past actions, float [H, width] by feature.

        Returns:
            float [N, units].
        """
        history = self.history(inputs, items, entries)
        if self.split is None:
            return self.encoder(history)
        return self.encoder(history, inputs[SINGLE_PIECES])

    def history(
        self,
        inputs: Mapping[str, tf.Tensor],
        items: Mapping[str, tf.Tensor],
        entries: Mapping[str, tf.Tensor],
    ) -> History:
        """Candidates and entries as the encoder takes them; see `call`."""
        row_lengths, lengths = inputs[ROW_LENGTHS], inputs[HISTORY_LENGTHS]
        return History(
            self._joined(self.candidates, inputs, items, row_lengths),
            row_lengths,
            self._joined(self.entries, inputs, entries, lengths),
            self.age_buckets(inputs),
            lengths,
        )

    def single_pieces(
        self, inputs: Mapping[str, tf.Tensor], entries: Mapping[str, tf.Tensor]
    ) -> SinglePieces:
        """What is known of single pieces and of what was done to them.

        Args:
            inputs: what the transform graph puts out.
            entries: embeddings of past actions, float [H, width] by feature.
        """
        assert self.split is not None
        assert self.split.action is not None
        assert isinstance(self.encoder, SplitHistoryEncoder)
        lengths = inputs[HISTORY_LENGTHS]
        part, _ = history_parts(inputs[SINGLE_PIECES], lengths)
        column = column_of_ids(self.dataset, self.dataset.feature(self.split.action))
        return SinglePieces(
            self.encoder.known_of(part.of(self._joined(self.entries, inputs, entries, lengths))),
            part.of(inputs[ids_key("history")][:, column]),
            tf.repeat(tf.range(tf.size(lengths)), part.lengths),
        )

    def _joined(
        self,
        parts: Parts,
        inputs: Mapping[str, tf.Tensor],
        embedded: Mapping[str, tf.Tensor],
        lengths: tf.Tensor,
    ) -> tf.Tensor:
        """Float [rows, width]; without any columns, [rows, 0]."""
        found = [_scaled(embedded[feature.name]) for feature in parts.embedded]
        if parts.numeric:
            numbers = tf.transpose(inputs[numbers_key(parts.scope)])
            places = [self.layout.place(key) for key in parts.keys]
            # Rows are copied whole: to gather single columns takes longer.
            found.insert(0, tf.transpose(tf.gather(numbers, places)))
        if not found:
            return tf.zeros([tf.reduce_sum(lengths), 0])
        return found[0] if len(found) == 1 else tf.concat(found, axis=1)

    def age_buckets(self, inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """The bucket of each past action's age, int64 [H]; see `call`."""
        if self._age is None:
            return tf.zeros([tf.reduce_sum(inputs[HISTORY_LENGTHS])], tf.int64)
        if codec(self._age).embedded:
            column = self.layout.embedded["history"].index(self._age)
            return inputs[ids_key("history")][:, column]
        numbers = inputs[numbers_key("history")]
        age, absent = (
            numbers[:, self.layout.place(key)] for key in (self._age.name, missing(self._age.name))
        )
        # tf.searchsorted would reshape the ages, which ONNX refuses where there are none.
        place = tf.raw_ops.UpperBound(
            sorted_inputs=tf.constant([_TENTHS]), values=age[tf.newaxis], out_type=tf.int64
        )
        return tf.where(absent > 0, tf.constant(0, tf.int64), 1 + place[0])

    def _said_by(self, parts: Parts) -> list[str]:
        """What the columns of `_joined` say, by the names of what features are like."""
        learnt = tuple(map(self.dataset.learnt_as, parts.numeric))
        said = parts._replace(numeric=learnt).keys
        for feature in map(self.dataset.learnt_as, parts.embedded):
            said += places_of(feature, self._widths[feature.name])
        return said

    def _names(self, parts: Parts) -> Names:
        """Names of the columns that `_joined` puts together."""
        names = [self.layout.column(parts.scope, key).name for key in parts.keys]
        for feature in parts.embedded:
            names += places_of(feature, self._widths[self.dataset.learnt_as(feature).name])
        return tuple(names)

    def entry_names(self) -> Names:
        """Names of the columns of an entry."""
        return self._names(self.entries)

    def parameters(self) -> int:
        """Trainable numbers of the encoder."""
        candidates, entries = (len(self._names(one)) for one in (self.candidates, self.entries))
        return self.encoder.parameters(candidates, entries)

    def output_names(self) -> Names:
        """Names of the columns that it puts out."""
        return tuple(f"{HISTORY}[{place}]" for place in range(self.encoder.width))

    def axes(self) -> Iterator[NamedAxes]:
        """The weights with the names of candidates' and entries' columns."""
        yield from self.encoder.axes(self._names(self.candidates), self._names(self.entries))


def _scaled(embedded: tf.Tensor) -> tf.Tensor:
    """Embeddings [rows, width] of a mean square of 1, as standardised numbers have.

    They start far smaller, and what is compared would be numbers alone.
    """
    mean = tf.reduce_mean(tf.square(embedded), axis=1, keepdims=True)
    return embedded * tf.math.rsqrt(mean + _EPSILON)


def _parts(scope: ScopeName, features: Sequence[Feature]) -> Parts:
    numeric = tuple(feature for feature in features if not codec(feature).embedded)
    return Parts(scope, numeric, tuple(one for one in features if codec(one).embedded))
