"""Transformed features to the three streams that rankers take."""

from collections.abc import Mapping
from typing import NamedTuple

import tensorflow as tf

from data.codecs import codec
from data.dataset import Dataset
from data.errors import InputError
from data.feature import Feature
from data.region_split import FeatureSplit
from data.scopes import ScopeName
from models.features import transformed
from models.features.embedding_tables import EmbeddingTables
from models.features.unknown_regions import UnknownRegions
from models.layers.building import build_inside
from models.layers.seeds import derived_seed
from models.layers.streams import COUNTRY, DEPENDENT, INVARIANT, STREAMS

_SCOPES: tuple[ScopeName, ...] = ("item", "context")


class _Column(NamedTuple):
    """An input that becomes part of a stream: a feature's values, or one number made of them."""

    name: str
    feature: Feature | None = None


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

    def build(self, input_shape: Mapping[str, tf.TensorShape]) -> None:
        """Makes the embeddings."""
        build_inside(self.embeddings, None)
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
        return {
            stream: sum(
                self._column_width(column)
                for scope in _SCOPES
                for column in self._columns_of(stream, scope)
            )
            for stream in STREAMS
        }

    def _columns_of(self, stream: str, scope: ScopeName) -> list[_Column]:
        """What a stream is made of, in one scope."""
        columns = []
        for feature in (f for f in self.dataset.features if f.scope == scope):
            if stream == INVARIANT:
                columns += _within_list(feature)
            if self.streams[feature.name] != stream:
                continue
            columns.append(_Column(feature.name, feature))
            if feature.name not in self.embeddings.sizes:
                columns.append(_Column(transformed.missing(feature.name)))
        return columns

    def _column_width(self, column: _Column) -> int:
        if column.feature is None:
            return 1
        if column.feature.name in self.embeddings.sizes:
            return self.embeddings.width(column.feature)
        return codec(column.feature).width

    def _columns(
        self, inputs: Mapping[str, tf.Tensor], stream: str, scope: ScopeName
    ) -> list[tf.Tensor]:
        """All parts of a stream in one scope, each float [rows, width]."""
        scalars: list[tf.Tensor] = []
        wide: list[tf.Tensor] = []
        for column in self._columns_of(stream, scope):
            value = inputs[column.name]
            if column.name in self.embeddings.tables:
                wide.append(tf.gather(self.embeddings.tables[column.name], value))
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


def _within_list(feature: Feature) -> list[_Column]:
    versions = feature.within_list or ()
    return [_Column(transformed.within_list(feature.name, version)) for version in versions]
