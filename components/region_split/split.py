"""From drawn lists to the sides of all features: the distances between regions, and a threshold."""

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import numpy as np

from components.region_split.coding import MOST_COMPONENTS, code_feature
from components.region_split.comparison import Comparison, compare
from components.region_split.config import RegionSplitConfig
from components.region_split.distances import CATEGORICAL
from components.region_split.effects import compare_effects
from components.region_split.region_lists import RegionLists
from components.region_split.vectors import deal_numbers, largest_by_chance
from data.artifacts.region_split import (
    Difference,
    EffectDistance,
    FeatureDistance,
    FeatureSplit,
    Judge,
)
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.item_kinds import has_feature

DIGITS = 6


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
        f.name: _measure(dataset, f, config, sample) if sample else FeatureDistance(pinned=True)
        for f in features
        if sample or f.side is not None
    }
    distances = dict(sorted(distances.items(), key=lambda one: (-_farthest(one[1]), one[0])))
    dependent = {f.name for f in features if _is_dependent(f, distances, config.judge)}
    return FeatureSplit(
        judge=config.judge,
        threshold=config.threshold,
        effect_threshold=config.effect_threshold,
        measure={"numeric": config.numeric, "categorical": CATEGORICAL},
        country=dataset.country_features,
        dependent=tuple(f.name for f in features if f.name in dependent),
        invariant=tuple(f.name for f in features if f.name not in dependent),
        reason="" if sample else _reason(dataset, config),
        distances=distances,
        regions=sample.regions if sample else {},
        regions_left_out=dict(left_out),
    )


def _farthest(found: FeatureDistance) -> float:
    return max(found.distance, found.effect.distance if found.effect else 0.0)


def _measure(
    dataset: Dataset, feature: Feature, config: RegionSplitConfig, sample: RegionLists
) -> FeatureDistance:
    """The distances of a feature; of a vector, those of the numbers that differ the most."""
    compared, effects = _compared(dataset, feature, config, sample)
    component, most = max(
        compared, key=lambda pair: (pair[1].beyond_chance, pair[1].raw, pair[1].missing_raw)
    )
    effect = max(effects, key=lambda one: (one.distance, one.raw), default=None)
    apart = {
        "distribution": most.distance > config.threshold,
        "effect": effect is not None and effect.distance > config.effect_threshold,
    }
    return FeatureDistance(
        distance=round(most.distance, DIGITS),
        raw=round(most.raw, DIGITS),
        expected_by_chance=round(most.expected_by_chance, DIGITS),
        missing_raw=round(most.missing_raw, DIGITS),
        missing_expected_by_chance=round(most.missing_expected_by_chance, DIGITS),
        pinned=feature.side is not None,
        component=component,
        effect=effect,
        differs=tuple(one for one in get_args(Difference) if apart[one]),
    )


def _compared(
    dataset: Dataset, feature: Feature, config: RegionSplitConfig, sample: RegionLists
) -> tuple[list[tuple[int | None, Comparison]], list[EffectDistance]]:
    """The comparisons of each number of a vector, with its place; of other features, of all."""
    regions, fewest, seed = sample.region_of_list, config.fewest_lists, config.seed
    column = sample.columns.column(feature.name)
    has = _having(dataset, feature, sample)
    lifts = sample.lifts if sample.lifts is None or has is None else sample.lifts[has]
    found, dealt, effects = [], [], []
    for coded in code_feature(column, feature, config.numeric, config.most_values):
        if has is not None:
            coded = replace(coded, codes=coded.codes[has], lists=coded.lists[has])
        found.append((coded.component, compare(coded, regions, fewest, seed)))
        if codec(feature).width > 1:
            dealt.append(deal_numbers(coded, regions, fewest, seed))
        # A context feature is the same for all items of a list and moves nothing within it; one
        # that no list has has no values.
        alike = feature.scope != "item" or not len(coded.codes)
        if lifts is not None and not alike:
            looks = min(codec(feature).width, MOST_COMPONENTS)
            effects.append(compare_effects(coded, lifts, regions, fewest, seed, looks))
    measured = [effect for effect in effects if effect is not None]
    if not dealt:
        return found, measured
    values, missing = largest_by_chance(np.stack(dealt)).tolist()
    return [(component, one.plus_by_chance(values, missing)) for component, one in found], measured


def _having(dataset: Dataset, feature: Feature, sample: RegionLists) -> np.ndarray | None:
    """The items of kinds that have a feature, bool [N]; None where it is one of all kinds."""
    if feature.kinds is None or dataset.kind_feature is None:
        return None
    if not len(sample.columns.column(feature.name).flatten()):
        return None
    return has_feature(feature, sample.columns.column(dataset.kind_feature.name).flatten())


def _is_dependent(feature: Feature, distances: Mapping[str, FeatureDistance], judge: Judge) -> bool:
    if feature.side is not None:
        return feature.side == "dependent"
    differs = distances[feature.name].differs if feature.name in distances else ()
    return bool(differs) if judge == "both" else judge in differs


def _reason(dataset: Dataset, config: RegionSplitConfig) -> str:
    if dataset.region is None:
        return "the dataset names no region"
    return f"fewer than two regions have {config.fewest_lists} training lists"
