"""Which region and platform a list has, by the ids of the features that say them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.artifacts.calibration import Place, place_features
from data.definition.dataset import Dataset
from data.metrics.ranked import Integers
from models.features.transformed import has_missing_id


@dataclass(frozen=True)
class PlaceIds:
    """The ids of a feature that says the region or the platform.

    Attributes:
        feature: its name.
        first: the id of its first value.
        values: its known values in the order of their ids.
    """

    feature: str
    first: int
    values: tuple[str, ...]

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
        )
        for role, feature in place_features(dataset).items()
    }
