"""Which region and platform a list has, by the ids of the features that say them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from data.artifacts.calibration import Place, place_features
from data.definition.dataset import Dataset
from data.metrics.ranked import Integers
from models.features.feature_ids import has_missing_id
from models.features.layout import column_of_ids, ids_key


@dataclass(frozen=True)
class PlaceIds:
    """The ids of a feature that says the region or the platform.

    Attributes:
        feature: its name.
        first: the id of its first value.
        values: its known values in the order of their ids.
        column: its column of the ids of lists.
    """

    feature: str
    first: int
    values: tuple[str, ...]
    column: int

    def of_lists(self, inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """The ids, int64 [B], among what the transform graph puts out."""
        return inputs[ids_key("context")][:, self.column]

    def values_of(self, ids: Integers) -> Integers:
        """Places among the values, from 0, of ids [B]; -1 where missing or unknown."""
        known = (ids >= self.first) & (ids < self.first + len(self.values))
        return np.where(known, ids - self.first, -1)


def place_ids(
    dataset: Dataset, vocabularies: Mapping[str, Sequence[bytes]]
) -> dict[Place, PlaceIds]:
    """The ids of the features that say the region and the platform, where there are such.

    Args:
        dataset: the dataset.
        vocabularies: values of each categorical feature, by id.

    Returns:
        By kind of place.
    """
    return {
        role: PlaceIds(
            feature.name,
            int(has_missing_id(dataset, feature)),
            tuple(value.decode() for value in vocabularies[feature.name]),
            column_of_ids(dataset, feature),
        )
        for role, feature in place_features(dataset).items()
    }
