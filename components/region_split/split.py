"""From drawn lists to the sides of all features: the distances between regions, and a threshold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
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
from components.region_split.coding import Coded, code_feature
from components.region_split.config import RegionSplitConfig
from components.region_split.distances import CATEGORICAL, distance
from components.region_split.region_lists import RegionLists
from data.dataset import Dataset
from data.feature import Feature
from data.region_split import FeatureDistance, FeatureSplit

# Deals of all pairs of regions together, at least; one of each pair, of so many pairs at most.
DEALS = 20
MOST_PAIRS = 300
# Tells these draws apart from others of the same seed.
_PURPOSE = 3

DIGITS = 6


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
        seed: seed of the deals that estimate chance.

    Returns:
        The distances of values and of missing shares, and what is expected of both by chance.
    """
    regions = int(region_of_list[-1]) + 1
    generator = np.random.default_rng([seed, _PURPOSE])
    missing = _compare_missing(coded, region_of_list, regions)
    groups = [
        group
        for group in _by_region(coded, region_of_list, regions, generator)
        if len(group.lengths) >= fewest_lists
    ]
    if len(groups) < 2:
        return Comparison(0.0, 0.0, *missing)
    raw = _average_distance(coded, groups)
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
    return float(np.abs(missing[i] - missing[j]).mean()), float(expected.mean())


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


def _average_distance(coded: Coded, groups: list[RegionValues]) -> float:
    counts = np.stack([np.bincount(g.codes, minlength=len(coded.positions)) for g in groups])
    shares = counts / counts.sum(axis=1, keepdims=True)
    pairs = [
        distance(coded.measure, shares[i], shares[i + 1 :], coded.positions)
        for i in range(len(shares) - 1)
    ]
    return float(np.concatenate(pairs).mean())


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


def choose_regions(
    lists: Mapping[bytes, int], config: RegionSplitConfig
) -> tuple[dict[bytes, int], dict[str, str]]:
    """Chooses the regions that are large enough to tell.

    Args:
        lists: training lists by region.
        config: the limits.

    Returns:
        The lists of the chosen regions, the largest first, and why each other one was left out.
    """
    chosen: dict[bytes, int] = {}
    left_out = {}
    for region in sorted(lists, key=lambda name: (-lists[name], name)):
        if lists[region] < config.fewest_lists:
            reason = f"{lists[region]} training lists, fewer than {config.fewest_lists}"
        elif len(chosen) == config.most_regions:
            reason = f"{lists[region]} training lists, not among the {config.most_regions} largest"
        else:
            chosen[region] = lists[region]
            continue
        left_out[region.decode(errors="replace")] = reason
    return chosen, left_out


def split_features(
    dataset: Dataset,
    config: RegionSplitConfig,
    sample: RegionLists | None,
    left_out: Mapping[str, str],
) -> FeatureSplit:
    """Measures every feature and puts it on a side.

    Args:
        dataset: names the features, those of the country, and those that are pinned.
        config: measure and threshold.
        sample: lists of the regions that are compared; None where there are fewer than two.
        left_out: why each other region is not compared.

    Returns:
        The split.
    """
    features = [f for f in dataset.features if f.name not in dataset.country_features]
    distances = {
        f.name: _measure(f, config, sample) if sample else FeatureDistance(pinned=True)
        for f in features
        if sample or f.side is not None
    }
    distances = dict(sorted(distances.items(), key=lambda item: (-item[1].distance, item[0])))
    dependent = {f.name for f in features if _is_dependent(f, distances, config.threshold)}
    return FeatureSplit(
        threshold=config.threshold,
        measure={"numeric": config.numeric, "categorical": CATEGORICAL},
        country=dataset.country_features,
        dependent=tuple(f.name for f in features if f.name in dependent),
        invariant=tuple(f.name for f in features if f.name not in dependent),
        reason="" if sample else _reason(dataset, config),
        distances=distances,
        regions=sample.regions if sample else {},
        regions_left_out=dict(left_out),
    )


def _measure(feature: Feature, config: RegionSplitConfig, sample: RegionLists) -> FeatureDistance:
    """The distance of a feature; of a vector, that of the number that is shifted the most."""
    column = sample.columns.column(feature.name)
    found = [
        (coded.component, compare(coded, sample.region_of_list, config.fewest_lists, config.seed))
        for coded in code_feature(column, feature, config.numeric, config.most_values)
    ]
    component, most = max(found, key=lambda pair: (pair[1].distance, pair[1].raw))
    return FeatureDistance(
        distance=round(most.distance, DIGITS),
        raw=round(most.raw, DIGITS),
        expected_by_chance=round(most.expected_by_chance, DIGITS),
        missing_raw=round(most.missing_raw, DIGITS),
        missing_expected_by_chance=round(most.missing_expected_by_chance, DIGITS),
        pinned=feature.side is not None,
        component=component,
    )


def _is_dependent(
    feature: Feature, distances: Mapping[str, FeatureDistance], threshold: float
) -> bool:
    if feature.side is not None:
        return feature.side == "dependent"
    return feature.name in distances and distances[feature.name].distance > threshold


def _reason(dataset: Dataset, config: RegionSplitConfig) -> str:
    if dataset.region is None:
        return "the dataset names no region"
    return f"fewer than two regions have {config.fewest_lists} training lists"
