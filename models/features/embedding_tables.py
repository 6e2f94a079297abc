"""Embeddings of categorical and bucketed features."""

import math
from collections.abc import Mapping, Sequence

import tensorflow as tf

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from models.features import transformed
from models.layers.seeds import derived_seed, seeded

_WIDEST, _WIDEST_COUNTRY = 16, 8


class EmbeddingTables(tf.keras.layers.Layer):
    """A table of embeddings a feature, float [ids, width].

    A table is as wide as the feature asks for, else as the root of its number of values, up to 16;
    for country features as wide as they have values, up to 8.

    Args:
        dataset: the dataset.
        sizes: number of ids of each categorical and bucketed feature.
        widths: widths, by feature, of the tables of a model that training starts from; for
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
        self.sizes = dict(sizes)
        self.widths = dict(widths or {})
        self.seed = seed

    def build(self, input_shape: None = None) -> None:
        """Makes the tables."""
        self.tables = {
            feature.name: self._table(number, feature)
            for number, feature in enumerate(self.dataset.features)
            if feature.name in self.sizes
        }
        super().build(input_shape)

    def width(self, feature: Feature) -> int:
        """Width of a feature's embedding."""
        chosen = feature.embedding_width or self.widths.get(feature.name)
        if chosen is not None:
            return chosen
        values = self.sizes[feature.name] - sum(self._untrained_ids(feature))
        if feature.name in self.dataset.country_features:
            return max(1, min(_WIDEST_COUNTRY, values))
        return max(1, min(_WIDEST, math.ceil(math.sqrt(values))))

    def _table(self, number: int, feature: Feature) -> tf.Variable:
        """A feature's table. Ids that training need not know start at zero."""
        missing, unknown = self._untrained_ids(feature)
        uniform = seeded("uniform", derived_seed(self.seed, "embedding", feature.name))

        def initial(shape: Sequence[int], dtype: tf.DType) -> tf.Tensor:
            known = uniform((shape[0] - unknown - missing, shape[1]), dtype)
            return tf.pad(known, [[missing, unknown], [0, 0]])

        shape = (self.sizes[feature.name], self.width(feature))
        return self.add_weight(f"embedding_{number}", shape, initializer=initial)

    def _untrained_ids(self, feature: Feature) -> tuple[int, int]:
        """Number of ids for missing and for unknown values."""
        missing = int(transformed.has_missing_id(self.dataset, feature))
        return missing, transformed.unknown_ids(feature)
