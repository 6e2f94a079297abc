"""Embeddings of the features that are read as ids."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from models.features.feature_ids import has_missing_id, unknown_ids
from models.layers.seeds import derived_seed, seeded

_WIDEST, _WIDEST_COUNTRY = 16, 8


class Rows(NamedTuple):
    """Where a feature's embedding lies.

    Attributes:
        width: of the embedding; features of one width share a table.
        first: its first row there.
        after: the row after its last one.
    """

    width: int
    first: int
    after: int


class EmbeddingTables(tf.keras.layers.Layer):
    """Tables of embeddings, float [ids, width]: one for all features of a width.

    An embedding is as wide as the feature asks for, else as the root of its number of values, up
    to 16; for country features as wide as they have values, up to 8. A feature that is like another
    one has that one's embedding.

    Attributes:
        rows: where each embedding lies, by the feature that has it for itself.
        tables: the tables of a built layer, by width as text: Keras tracks by texts alone.

    Args:
        dataset: the dataset.
        sizes: number of ids of each feature that is read as ids.
        widths: widths, by feature, of the embeddings of a model that training starts from; for
            features that ask for none.
        seed: seed of the embeddings.
    """

    def __init__(
        self,
        dataset: Dataset,
        sizes: Mapping[str, int],
        widths: Mapping[str, int] | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(name="embeddings")
        self.dataset = dataset
        self.seed = seed
        self.features = [
            feature
            for feature in dataset.features
            if feature.name in sizes and feature.like is None
        ]
        self.rows: dict[str, Rows] = {}
        ends: dict[int, int] = {}
        for feature in self.features:
            size = sizes[feature.name]
            width = feature.embedding_width or (widths or {}).get(feature.name)
            width = width or self._default_width(feature, size)
            first = ends.get(width, 0)
            ends[width] = first + size
            self.rows[feature.name] = Rows(width, first, ends[width])

    def build(self, input_shape: None = None) -> None:
        """Makes the tables."""
        widths = sorted({rows.width for rows in self.rows.values()})
        self.tables = {f"{width}": self._table(width) for width in widths}
        super().build(input_shape)

    def call(self, ids: tf.Tensor, features: Sequence[Feature]) -> dict[str, tf.Tensor]:
        """Looks up the embeddings of some features.

        Args:
            ids: int64 [rows, C].
            features: the C features.

        Returns:
            float [rows, width] by feature.
        """
        rows = [self.rows_of(feature) for feature in features]
        by_width: dict[int, list[int]] = {}
        for place, of_feature in enumerate(rows):
            by_width.setdefault(of_feature.width, []).append(place)
        in_tables = ids + tf.constant([of_feature.first for of_feature in rows], tf.int64)
        columns = tf.unstack(in_tables, len(rows), axis=1)
        embedded: dict[str, tf.Tensor] = {}
        for width, places in by_width.items():
            table = self.tables[f"{width}"]
            if len(places) == 1:
                embedded[features[places[0]].name] = tf.gather(table, columns[places[0]])
                continue
            alone = len(places) == len(rows)
            chosen = in_tables if alone else tf.gather(in_tables, places, axis=1)
            joined = tf.reshape(tf.gather(table, chosen), [-1, len(places) * width])
            vectors = tf.split(joined, len(places), axis=1)
            embedded |= zip((features[place].name for place in places), vectors, strict=True)
        return embedded

    def rows_of(self, feature: Feature) -> Rows:
        """Where a feature's embedding lies, be it its own or that of the one it is like."""
        return self.rows[self.dataset.learnt_as(feature).name]

    def _default_width(self, feature: Feature, size: int) -> int:
        values = size - sum(self._untrained_ids(feature))
        if feature.name in self.dataset.country_features:
            return max(1, min(_WIDEST_COUNTRY, values))
        return max(1, min(_WIDEST, math.ceil(math.sqrt(values))))

    def _table(self, width: int) -> tf.Variable:
        own = [one for one in self.features if self.rows[one.name].width == width]

        def initial(shape: Sequence[int], dtype: tf.DType) -> tf.Tensor:
            return tf.concat([self._initial(feature, dtype) for feature in own], axis=0)

        shape = (self.rows[own[-1].name].after, width)
        return self.add_weight(f"embeddings_{width}", shape, initializer=initial)

    def _initial(self, feature: Feature, dtype: tf.DType) -> tf.Tensor:
        """A feature's embedding. Ids that training need not know start at zero."""
        width, first, after = self.rows[feature.name]
        missing, unknown = self._untrained_ids(feature)
        uniform = seeded("uniform", derived_seed(self.seed, "embedding", feature.name))
        known = uniform((after - first - unknown - missing, width), dtype)
        return tf.pad(known, [[missing, unknown], [0, 0]])

    def _untrained_ids(self, feature: Feature) -> tuple[int, int]:
        """Number of ids for missing and for unknown values."""
        return int(has_missing_id(self.dataset, feature)), unknown_ids(feature)
