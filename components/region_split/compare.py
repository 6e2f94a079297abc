"""The distance between regions for one feature."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from components.region_split.chance import (
    RegionValues,
    distance_by_shuffle,
    effective_lists,
    kolmogorov_smirnov_by_chance,
    share_by_chance,
)
from components.region_split.coding import Coded
from components.region_split.distances import distance

# Shuffles of all pairs of regions together, at least; one of each pair at least.
SHUFFLES = 20


@dataclass(frozen=True)
class Comparison:
    """Averages over pairs of regions; see `data.region_split.FeatureDistance`."""

    raw: float
    expected_by_chance: float
    missing_raw: float
    missing_expected_by_chance: float

    @property
    def distance(self) -> float:
        """The larger of both distances after what is expected by chance; never below 0."""
        values = self.raw - self.expected_by_chance
        missing = self.missing_raw - self.missing_expected_by_chance
        return max(0.0, values, missing)


def compare(coded: Coded, region_of_list: np.ndarray, fewest_lists: int, seed: int) -> Comparison:
    """Compares every pair of regions and averages.

    Args:
        coded: the values of N items (or lists) in S lists.
        region_of_list: int [S], ascending; the number of each list's region.
        fewest_lists: regions with fewer lists that have a value are not compared by value.
        seed: seed of the shuffles.

    Returns:
        The distances of values and of missing shares, and what is expected of both by chance.
    """
    regions = int(region_of_list[-1]) + 1
    missing = _compare_missing(coded, region_of_list, regions)
    groups = [
        group for group in _by_region(coded, region_of_list, regions) if group.lists >= fewest_lists
    ]
    if len(groups) < 2:
        return Comparison(0.0, 0.0, *missing)
    raw = _average_distance(coded, groups)
    return Comparison(raw, _average_by_chance(coded, groups, seed), *missing)


def _compare_missing(coded: Coded, region_of_list: np.ndarray, regions: int) -> tuple[float, float]:
    """Average difference between missing shares, and the one that is expected by chance."""
    region = region_of_list[coded.lists]
    values = np.bincount(region, minlength=regions)
    lengths = np.bincount(coded.lists, minlength=len(region_of_list))
    lists = effective_lists(lengths, region_of_list, regions)
    present = values > 0
    if present.sum() < 2:
        return 0.0, 0.0
    missing = np.bincount(region, coded.codes < 0, regions)[present] / values[present]
    lists = lists[present]
    i, j = np.triu_indices(len(lists), 1)
    pooled = (lists[i] * missing[i] + lists[j] * missing[j]) / (lists[i] + lists[j])
    expected = share_by_chance(pooled, lists[i], lists[j])
    return float(np.abs(missing[i] - missing[j]).mean()), float(expected.mean())


def _by_region(coded: Coded, region_of_list: np.ndarray, regions: int) -> list[RegionValues]:
    """The values of each region that are not missing."""
    present = coded.codes >= 0
    codes, lists = coded.codes[present], coded.lists[present]
    borders = np.searchsorted(region_of_list[lists], np.arange(regions + 1))
    groups = []
    for start, end in pairwise(borders):
        part = lists[start:end]
        places = np.cumsum(np.diff(part, prepend=part[:1]) > 0)
        groups.append(
            RegionValues(codes[start:end], places, int(places[-1]) + 1 if len(part) else 0)
        )
    return groups


def _average_distance(coded: Coded, groups: list[RegionValues]) -> float:
    counts = np.stack([np.bincount(g.codes, minlength=len(coded.positions)) for g in groups])
    shares = counts / counts.sum(axis=1, keepdims=True)
    pairs = [
        distance(coded.measure, shares[i], shares[i + 1 :], coded.positions)
        for i in range(len(shares) - 1)
    ]
    return float(np.concatenate(pairs).mean())


def _average_by_chance(coded: Coded, groups: list[RegionValues], seed: int) -> float:
    """For Kolmogorov-Smirnov by its formula, else by shuffles of the lists of each pair.

    No formula holds for sparse categories (1,000 values of which 200 rows show a fifth), and a
    shuffle of whole lists keeps what the items of a list have in common.
    """
    first, second = np.triu_indices(len(groups), 1)
    if coded.measure == "kolmogorov_smirnov":
        lists = np.array([_effective(group) for group in groups])
        return float(kolmogorov_smirnov_by_chance(lists[first], lists[second]).mean())
    generator = np.random.default_rng(seed)
    found = [
        distance_by_shuffle(coded.measure, groups[i], groups[j], coded.positions, generator)
        for _ in range(math.ceil(SHUFFLES / len(first)))
        for i, j in zip(first, second, strict=True)
    ]
    return float(np.mean(found))


def _effective(group: RegionValues) -> float:
    lengths = np.bincount(group.places)
    return float(effective_lists(lengths, np.zeros(len(lengths), int), 1)[0])
