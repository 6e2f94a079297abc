"""Access to TFDV statistics by region."""

from collections.abc import Mapping
from typing import TypeAlias

from tensorflow_metadata.proto.v0 import statistics_pb2

from data.definition import keys

Statistics: TypeAlias = statistics_pb2.DatasetFeatureStatistics
Feature: TypeAlias = statistics_pb2.FeatureNameStatistics

_OVERALL = "All Examples"
_PREFIX = f"{keys.LIST_REGION}_"

# The region of all lists together.
EVERYWHERE = None


def by_region(
    statistics: statistics_pb2.DatasetFeatureStatisticsList,
) -> dict[str | None, Statistics]:
    """The slices by region; `EVERYWHERE` is all lists."""
    return {
        None if part.name in ("", _OVERALL) else part.name.removeprefix(_PREFIX): part
        for part in statistics.datasets
    }


def features_of(statistics: Statistics) -> Mapping[str, Feature]:
    """The statistics of each feature by its name."""
    return {_name(feature): feature for feature in statistics.features}


def alone(statistics: Statistics) -> statistics_pb2.DatasetFeatureStatisticsList:
    """One slice as a list of its own, the form that TFDV validates."""
    found = statistics_pb2.DatasetFeatureStatisticsList()
    found.datasets.add().CopyFrom(statistics)
    found.datasets[0].name = _OVERALL
    return found


def of_known_numbers(statistics: Statistics) -> statistics_pb2.DatasetFeatureStatisticsList:
    """One slice as a list of its own, with missing numbers taken out of the histograms.

    TFDV counts missing values of two sides as different values: a feature's distance from itself
    would be its share of missing values.
    """
    found = alone(statistics)
    for feature in found.datasets[0].features:
        for histogram in feature.num_stats.histograms:
            histogram.num_nan = 0
    return found


def missing_share(feature: Feature) -> float:
    """Share of a feature's values that are missing: NaN, or the empty text."""
    if feature.HasField("string_stats"):
        values = feature.string_stats.common_stats.tot_num_values
        buckets = feature.string_stats.rank_histogram.buckets
        return sum(one.sample_count for one in buckets if not one.label) / max(values, 1)
    values = feature.num_stats.common_stats.tot_num_values
    histograms = feature.num_stats.histograms
    # TFDV draws no histogram where nothing but NaN is there.
    return histograms[0].num_nan / max(values, 1) if histograms else 1.0


def entries_of_list(statistics: Statistics, name: str) -> float:
    """The mean number of values of a feature in a list."""
    feature = features_of(statistics)[name]
    texts = feature.HasField("string_stats")
    common = (feature.string_stats if texts else feature.num_stats).common_stats
    return float(common.tot_num_values) / max(statistics.num_examples, 1)


def _name(feature: Feature) -> str:
    return feature.name or feature.path.step[-1]
