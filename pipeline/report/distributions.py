"""Distributions of the features by region, from the statistics of the training lists."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.example_validator.item_kinds import of_kinds
from data.definition import keys
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.definition.feature import Feature

BINS = 24
MOST_CATEGORIES = 10
MOST_REGIONS = 10
# Ends of the axis of numbers, as shares of all values.
_ENDS = (0.01, 0.99)
_SLICE = f"{keys.LIST_REGION}_"

Slice = Mapping[str, statistics_pb2.FeatureNameStatistics]


def feature_distributions(folder: str, dataset: Dataset) -> dict[str, Any]:
    """Reads the distributions.

    Args:
        folder: of a StatisticsGen whose slices are the regions.
        dataset: names the features.

    Returns:
        `regions`, lists by region, the largest first and `MOST_REGIONS` at most; and `features`: by
        name `edges` of the bins of numbers or `labels` of the most frequent categories, `unit`, and
        by region `shares` of the values in each and `missing`, the share of values that are. Items
        of a kind that lacks a feature have no value of it.
    """
    with tf.io.gfile.GFile(f"{folder}/Split-{keys.TRAIN}/FeatureStats.pb", "rb") as file:
        found = statistics_pb2.DatasetFeatureStatisticsList.FromString(file.read())
    sizes = {one.name.removeprefix(_SLICE): int(one.num_examples) for one in found.datasets[1:]}
    regions = dict(sorted(sizes.items(), key=lambda one: (-one[1], one[0]))[:MOST_REGIONS])
    parts = of_kinds(dataset, {one.name.removeprefix(_SLICE): one for one in found.datasets[1:]})
    slices = {region: _by_name(part) for region, part in parts.items()}
    whole = _by_name(of_kinds(dataset, {None: found.datasets[0]})[None])
    shown = {region: slices[region] for region in regions}
    return {
        "regions": regions,
        "features": {
            feature.name: _distribution(feature, whole, shown)
            for feature in dataset.features
            if feature.name in whole
        },
    }


def _by_name(one: statistics_pb2.DatasetFeatureStatistics) -> Slice:
    return {feature.path.step[0]: feature for feature in one.features}


def _distribution(feature: Feature, whole: Slice, slices: Mapping[str, Slice]) -> dict[str, Any]:
    name = feature.name
    present = {region: part[name] for region, part in slices.items() if name in part}
    if whole[name].HasField("string_stats"):
        labels = [text for text in _counts(whole[name]) if text][:MOST_CATEGORIES]
        found = {region: _category_shares(one, labels) for region, one in present.items()}
        axis: dict[str, Any] = {"labels": [*labels, "others"]}
    else:
        edges = _edges(whole[name], feature.log)
        found = {region: _number_shares(one, edges, feature.log) for region, one in present.items()}
        axis = {"edges": edges.tolist()}
    return {
        **axis,
        "unit": codec(feature).unit,
        "of": feature.belongs_to.unit,
        "shares": {region: [round(x, 5) for x in shares] for region, (shares, _) in found.items()},
        "missing": {region: round(missing, 5) for region, (_, missing) in found.items()},
    }


def _counts(found: statistics_pb2.FeatureNameStatistics) -> dict[str, float]:
    """How often each category occurs, the most frequent first; the empty one is missing."""
    buckets = found.string_stats.rank_histogram.buckets
    return {bucket.label: bucket.sample_count for bucket in buckets}


def _category_shares(
    found: statistics_pb2.FeatureNameStatistics, labels: list[str]
) -> tuple[list[float], float]:
    counts = _counts(found)
    total = float(found.string_stats.common_stats.tot_num_values) or 1.0
    missing = counts.get("", 0.0) / total
    shares = [counts.get(label, 0.0) / total for label in labels]
    return [*shares, max(0.0, 1 - missing - sum(shares))], missing


def _edges(whole: statistics_pb2.FeatureNameStatistics, log: bool) -> np.ndarray:
    values, cumulated = _curve(whole, log)
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = np.interp(_ENDS, cumulated, values)
    return np.linspace(low, high if high > low else low + 1, BINS + 1)


def _number_shares(
    found: statistics_pb2.FeatureNameStatistics, edges: np.ndarray, log: bool
) -> tuple[list[float], float]:
    values, cumulated = _curve(found, log)
    total = float(found.num_stats.common_stats.tot_num_values) or 1.0
    missing = sum(one.num_nan for one in _quantiles(found)) / total
    if not len(values):
        return [0.0] * (len(edges) - 1), missing
    # Values that fall on an edge belong to the bin below, the lowest to the first bin.
    below = np.interp(edges, values, cumulated, left=0.0, right=1.0)
    below[0] = np.interp(np.nextafter(edges[0], -np.inf), values, cumulated, left=0.0, right=1.0)
    return np.diff(below).tolist(), missing


def _curve(found: statistics_pb2.FeatureNameStatistics, log: bool) -> tuple[np.ndarray, np.ndarray]:
    """Values in ascending order, and which share of all values is at most as large."""
    buckets = [bucket for one in _quantiles(found) for bucket in one.buckets]
    if not buckets:
        return np.empty(0), np.empty(0)
    values = np.array([buckets[0].low_value, *(bucket.high_value for bucket in buckets)])
    counts = np.cumsum([0.0, *(bucket.sample_count for bucket in buckets)])
    values = np.sign(values) * np.log1p(np.abs(values)) if log else values
    return values, counts / (counts[-1] or 1.0)


def _quantiles(
    found: statistics_pb2.FeatureNameStatistics,
) -> list[statistics_pb2.Histogram]:
    kind = statistics_pb2.Histogram.QUANTILES
    return [one for one in found.num_stats.histograms if one.type == kind]
