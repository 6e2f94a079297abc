"""Transformed features to the three streams that rankers take."""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.scopes import ScopeName
from data.errors import InputError
from models.features import transformed
from models.features.embedding_tables import EmbeddingTables
from models.features.unknown_regions import UnknownRegions
from models.layers.axes import Names
from models.layers.building import build_inside
from models.layers.seeds import derived_seed
from models.layers.streams import COUNTRY, DEPENDENT, INVARIANT, STREAMS

_SCOPES: tuple[ScopeName, ...] = ("item", "context")


class _Column(NamedTuple):
    """An input that becomes part of a stream.

    Attributes:
        key: its key among what the transform graph puts out.
        name: what its numbers are; the number of a logarithm is another one than the plain one.
        feature: the feature that it is made of.
    """

    key: str
    name: str
    feature: Feature


class FeatureStreams(tf.keras.layers.Layer):
    """Joins standardised, indicated, embedded and within-list features by the region split.

    Country features make the stream `country`. Every other feature goes, with its indicator of
    missing values and all dimensions of its embedding, to `dependent` or `invariant` as the split
    says; its within-list versions are invariant. Context features are repeated for every item.

    Args:
        dataset: the dataset.
        split: the region split.
        sizes: number of ids of each categorical and bucketed feature.
        unknown_region_share: share of training lists whose region becomes unknown.
        seed: seed of embeddings and of the draw of lists.
        embedding_widths: widths of some embeddings, by feature; see `EmbeddingTables`.

    Raises:
        InputError: the split does not name exactly the dataset's features.
    """

    def __init__(
        self,
        dataset: Dataset,
        split: FeatureSplit,
        sizes: Mapping[str, int],
        unknown_region_share: float = 0.0,
        seed: int | None = None,
        embedding_widths: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(name="feature_streams")
        self.dataset = dataset
        self.streams = _stream_of_features(dataset, split)
        self.embeddings = EmbeddingTables(dataset, sizes, embedding_widths, seed)
        self.unknown_regions = UnknownRegions(
            dataset, sizes, unknown_region_share, derived_seed(seed, "unknown regions")
        )

    def build(self, input_shape: Mapping[str, tf.TensorShape] | None = None) -> None:
        """Makes the embeddings and the counter of draws."""
        build_inside(self.embeddings, None)
        build_inside(self.unknown_regions, None)
        super().build(input_shape)

    def call(
        self, inputs: Mapping[str, tf.Tensor], training: bool | None = None
    ) -> dict[str, tf.Tensor]:
        """Makes the streams.

        Args:
            inputs: what the transform graph puts out; items flat [N], context [B].
            training: whether some regions become unknown.

        Returns:
            `country`, `dependent`, `invariant`: float [N, width] each; width may be 0.
        """
        inputs = self.unknown_regions(inputs, training=training)
        row_lengths = inputs[transformed.ROW_LENGTHS]
        row = tf.repeat(tf.range(tf.size(row_lengths)), row_lengths)
        empty = tf.zeros([tf.size(row), 0])
        streams = {}
        for stream in STREAMS:
            item, context = (self._columns(inputs, stream, scope) for scope in _SCOPES)
            if context:
                item.append(tf.gather(tf.concat(context, axis=1), row))
            streams[stream] = tf.concat(item, axis=1) if item else empty
        return streams

    def widths(self) -> dict[str, int]:
        """Width of each stream."""
        return {stream: len(names) for stream, names in self.columns().items()}

    def columns(self) -> dict[str, Names]:
        """What each column of a stream is: by these names, weights follow their features.

        Returns:
            By stream: `x` or, where its logarithm is taken, `log(x)` for a number; `x__missing`;
            `x__percentile`, `x__standardised`; `x[0]`, `x[1]`, ... of an embedding or a vector.
        """
        return {
            stream: tuple(
                name
                for scope in _SCOPES
                # As `_columns` joins them: single numbers first.
                for column in sorted(
                    self._columns_of(stream, scope), key=lambda one: self._width(one) is not None
                )
                for name in self._names(column)
            )
            for stream in STREAMS
        }

    def feature_of_columns(self) -> dict[str, str]:
        """The feature that each column is made of."""
        return {
            name: column.feature.name
            for stream in STREAMS
            for scope in _SCOPES
            for column in self._columns_of(stream, scope)
            for name in self._names(column)
        }

    def _columns_of(self, stream: str, scope: ScopeName) -> list[_Column]:
        """What a stream is made of, in one scope."""
        columns = []
        for feature in (f for f in self.dataset.features if f.scope == scope):
            if stream == INVARIANT:
                columns += _within_list(feature)
            if self.streams[feature.name] != stream:
                continue
            columns.append(_Column(feature.name, _number(feature), feature))
            if feature.name not in self.embeddings.sizes:
                missing = transformed.missing(feature.name)
                columns.append(_Column(missing, missing, feature))
        return columns

    def _width(self, column: _Column) -> int | None:
        """Width of an embedding or a vector; None of a single number."""
        if column.key != column.feature.name:
            return None
        if column.key in self.embeddings.sizes:
            return self.embeddings.width(column.feature)
        stored = codec(column.feature)
        return stored.width if stored.shape else None

    def _names(self, column: _Column) -> list[str]:
        width = self._width(column)
        if width is None:
            return [column.name]
        return [f"{column.name}[{place}]" for place in range(width)]

    def _columns(
        self, inputs: Mapping[str, tf.Tensor], stream: str, scope: ScopeName
    ) -> list[tf.Tensor]:
        """All parts of a stream in one scope, each float [rows, width]."""
        scalars: list[tf.Tensor] = []
        wide: list[tf.Tensor] = []
        for column in self._columns_of(stream, scope):
            value = inputs[column.key]
            if column.key in self.embeddings.tables:
                wide.append(tf.gather(self.embeddings.tables[column.key], value))
            else:
                (scalars if value.shape.rank == 1 else wide).append(value)
        return [tf.transpose(tf.stack(scalars)), *wide] if scalars else wide


def _stream_of_features(dataset: Dataset, split: FeatureSplit) -> dict[str, str]:
    sides = {COUNTRY: split.country, DEPENDENT: split.dependent, INVARIANT: split.invariant}
    streams = {name: stream for stream, names in sides.items() for name in names}
    names = {feature.name for feature in dataset.features}
    if set(streams) != names:
        raise InputError(
            f"region split: expected the features of dataset {dataset.name}; "
            f"missing {sorted(names - set(streams))}, unknown {sorted(set(streams) - names)}"
        )
    return streams


def _number(feature: Feature) -> str:
    return f"log({feature.name})" if feature.log else feature.name


def _within_list(feature: Feature) -> list[_Column]:
    columns = []
    for version in feature.within_list or ():
        # A logarithm leaves ranks as they are.
        of = feature.name if version == "percentile" else _number(feature)
        key = transformed.within_list(feature.name, version)
        columns.append(_Column(key, transformed.within_list(of, version), feature))
    return columns
