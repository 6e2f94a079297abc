"""Distances between the regions of a feature, averaged over pairs, and what chance does to them."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from components.region_split.chance import (
    ChanceByDealing,
    RegionValues,
    effective_lists,
    effective_number,
    kolmogorov_smirnov_by_chance,
    share_by_chance,
)
from components.region_split.coding import Coded
from components.region_split.distances import distance

# Deals of all pairs of regions together, at least; one of each pair, of so many pairs at most.
DEALS = 20
MOST_PAIRS = 300
# Tells these draws apart from others of the same seed.
PURPOSE = 3


@dataclass(frozen=True)
class Comparison:
    """Averages over pairs of regions; see `data.artifacts.region_split.FeatureDistance`."""

    raw: float
    expected_by_chance: float
    missing_raw: float
    missing_expected_by_chance: float

    @property
    def distance(self) -> float:
        """The larger of both distances after what is expected by chance; never below 0."""
        return max(0.0, self.beyond_chance)

    @property
    def beyond_chance(self) -> float:
        """The same, below 0 where less is found than expected."""
        values = self.raw - self.expected_by_chance
        missing = self.missing_raw - self.missing_expected_by_chance
        return max(values, missing)

    def plus_by_chance(self, values: float, missing: float) -> "Comparison":
        """The same with so much more expected by chance, of values and of missing shares."""
        return replace(
            self,
            expected_by_chance=self.expected_by_chance + values,
            missing_expected_by_chance=self.missing_expected_by_chance + missing,
        )


def compare(coded: Coded, region_of_list: np.ndarray, fewest_lists: int, seed: int) -> Comparison:
    """Compares every pair of regions and averages.

    Args:
        coded: the values of N items (or lists) in S lists.
        region_of_list: int [S], ascending; the number of each list's region.
        fewest_lists: regions with fewer lists that have a value are not compared by value.
        seed: seed of the deals that estimate chance.

    Returns:
        The distances of values and of missing shares, and what is expected of both by chance.
    """
    regions = int(region_of_list[-1]) + 1
    generator = np.random.default_rng([seed, PURPOSE])
    missing = _compare_missing(coded, region_of_list, regions)
    groups = [
        group
        for group in _by_region(coded, region_of_list, regions, generator)
        if len(group.lengths) >= fewest_lists
    ]
    if len(groups) < 2:
        return Comparison(0.0, 0.0, *missing)
    counts = [np.bincount(group.codes, minlength=len(coded.positions)) for group in groups]
    raw = average_distance(coded, np.stack(counts))
    return Comparison(raw, _average_by_chance(coded, groups, generator), *missing)


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
    return average_difference(missing), float(expected.mean())


def _by_region(
    coded: Coded, region_of_list: np.ndarray, regions: int, generator: np.random.Generator
) -> list[RegionValues]:
    """The values of each region that are not missing, those of a list in random order."""
    present = coded.codes >= 0
    codes, lists = coded.codes[present], coded.lists[present]
    codes = codes[np.lexsort((generator.random(len(codes)), lists))]
    borders = np.searchsorted(region_of_list[lists], np.arange(regions + 1))
    groups = []
    for start, end in pairwise(borders):
        part = lists[start:end]
        numbered = np.cumsum(np.diff(part, prepend=part[:1]) > 0)
        groups.append(RegionValues(codes[start:end], numbered))
    return groups


def average_distance(coded: Coded, counts: np.ndarray) -> float:
    """The distance between values, averaged over all pairs of regions.

    Args:
        coded: the measure and the positions of its codes.
        counts: [R, K], values by region and code; each region has some.
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    pairs = [
        distance(coded.measure, shares[i], shares[i + 1 :], coded.positions)
        for i in range(len(shares) - 1)
    ]
    return float(np.concatenate(pairs).mean())


def average_difference(shares: np.ndarray) -> float:
    """The difference between shares, float [R], averaged over all pairs."""
    i, j = np.triu_indices(len(shares), 1)
    return float(np.abs(shares[i] - shares[j]).mean())


def _average_by_chance(
    coded: Coded, groups: list[RegionValues], generator: np.random.Generator
) -> float:
    """For Kolmogorov-Smirnov by its formula, else by deals of the lists of each pair."""
    first, second = np.triu_indices(len(groups), 1)
    if coded.measure == "kolmogorov_smirnov":
        lists = np.array([effective_number(group.lengths) for group in groups])
        return float(kolmogorov_smirnov_by_chance(lists[first], lists[second]).mean())
    chance = ChanceByDealing(coded.measure, coded.positions, generator)
    pairs = generator.permutation(len(first))[:MOST_PAIRS]
    for _ in range(math.ceil(DEALS / len(pairs))):
        for i, j in zip(first[pairs], second[pairs], strict=True):
            chance.deal(groups[i], groups[j])
    return chance.expected()
