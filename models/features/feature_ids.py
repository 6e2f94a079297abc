"""What the ids of a feature stand for, and which of them another model has as well."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature

# The id of a missing value; see `has_missing_id`.
MISSING_ID = 0


def has_missing_id(dataset: Dataset, feature: Feature) -> bool:
    """Whether a missing value of an embedded feature has an id of its own, 0.

    Not so for country features with a vocabulary: a missing region is an unknown one, and meets a
    mask that was learnt.
    """
    return not codec(feature).has_vocabulary or feature.name not in dataset.country_features


def unknown_ids(feature: Feature) -> int:
    """Ids, the last ones of a feature, that values share which its vocabulary lacks."""
    return feature.out_of_vocabulary_buckets if codec(feature).has_vocabulary else 0


def numbers_of_ids(dataset: Dataset, words: Mapping[str, int]) -> dict[str, int]:
    """Number of ids of each embedded feature.

    Args:
        dataset: the dataset.
        words: values in the vocabulary of each feature that has one.

    Returns:
        The numbers by feature.
    """
    return {
        one.name: has_missing_id(dataset, one)
        + (words[one.name] if codec(one).has_vocabulary else 1 + _inner_boundaries(one))
        + unknown_ids(one)
        for one in dataset.features
        if codec(one).embedded
    }


def _inner_boundaries(feature: Feature) -> int:
    return feature.buckets - 1 if feature.boundaries is None else len(feature.boundaries)


@dataclass(frozen=True)
class FeatureIds:
    """Ids of an embedded feature: missing first, known values, unknown ones last.

    Attributes:
        missing: number of ids of a missing value, 0 or 1.
        values: known values in the order of their ids; buckets by their boundaries, or by their
            number among all where these are quantiles.
        unknown: number of ids that unknown values share by their hash.
    """

    missing: int
    values: tuple[bytes, ...]
    unknown: int

    @classmethod
    def of(
        cls, dataset: Dataset, feature: Feature, vocabulary: Sequence[bytes] | None, size: int
    ) -> "FeatureIds":
        """The ids of a feature.

        Args:
            dataset: the dataset.
            feature: the feature.
            vocabulary: its values; None where it is bucketed.
            size: number of ids.

        Returns:
            The ids.
        """
        missing = int(has_missing_id(dataset, feature))
        if vocabulary is None:
            return cls(missing, _buckets(feature, size - missing), 0)
        return cls(missing, tuple(vocabulary), unknown_ids(feature))

    def rows_in(self, other: "FeatureIds") -> np.ndarray:
        """Where another one's table has these ids.

        Args:
            other: the ids of the other table.

        Returns:
            int [ids], its row for each id; -1 where it has none.
        """
        places = {value: other.missing + place for place, value in enumerate(other.values)}
        missing = [0 if other.missing else -1] * self.missing
        first = other.missing + len(other.values)
        unknown = [-1] * self.unknown
        if self.unknown == other.unknown:
            unknown = list(range(first, first + self.unknown))
        return np.array([*missing, *(places.get(value, -1) for value in self.values), *unknown])


def _buckets(feature: Feature, number: int) -> tuple[bytes, ...]:
    if feature.boundaries is None:
        return tuple(b"%d of %d" % (bucket, number) for bucket in range(1, number + 1))
    edges = [-math.inf, *map(float, feature.boundaries), math.inf]
    return tuple(f"{low} to {high}".encode() for low, high in itertools.pairwise(edges))
