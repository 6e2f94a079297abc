"""Statistics of features that some kinds of items lack: those of the items that have them."""

from collections.abc import Iterator, Mapping

from components.example_validator.statistics_by_region import (
    EVERYWHERE,
    Feature,
    Statistics,
    features_of,
)
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.similar_names import did_you_mean

# Kinds that a message shows.
MOST_KINDS = 8


def of_kinds(
    dataset: Dataset, slices: Mapping[str | None, Statistics]
) -> dict[str | None, Statistics]:
    """Takes items out of the statistics of features that their kind lacks.

    TFDV counts what is not there as missing values: where the share of a kind changes, its
    features would seem to go or to come.

    Args:
        dataset: names the kinds.
        slices: statistics by region.

    Returns:
        Statistics in which missing values are those of items that should have one.
    """
    if not dataset.kinds:
        return dict(slices)
    return {region: _of_kinds(dataset, part) for region, part in slices.items()}


def kinds_not_found(dataset: Dataset, slices: Mapping[str | None, Statistics]) -> Iterator[str]:
    """Says which kinds that features name no item is of.

    Args:
        dataset: names the kinds.
        slices: statistics of training lists by region.

    Yields:
        A note for people, for each such kind.
    """
    if not dataset.kinds or EVERYWHERE not in slices or dataset.kind_feature is None:
        return
    kinds = features_of(slices[EVERYWHERE]).get(dataset.kind_feature.name)
    buckets = kinds.string_stats.rank_histogram.buckets if kinds is not None else ()
    found = [bucket.label for bucket in buckets if bucket.label]
    for kind in dataset.kinds:
        if kind not in found:
            named = [one.name for one in dataset.features if kind in (one.kinds or ())]
            yield (
                f"no item of the training lists is of kind {kind!r}, which {', '.join(named)} names"
                f"; found {', '.join(found[:MOST_KINDS])}{did_you_mean(kind, found)}"
            )


def _of_kinds(dataset: Dataset, part: Statistics) -> Statistics:
    found = Statistics()
    found.CopyFrom(part)
    features = features_of(found)
    assert dataset.kind_feature is not None
    kinds = features.get(dataset.kind_feature.name)
    if kinds is None:
        return found
    items = kinds.string_stats.common_stats.tot_num_values
    buckets = kinds.string_stats.rank_histogram.buckets
    counts = {bucket.label: bucket.sample_count for bucket in buckets}
    for feature in dataset.features:
        if feature.kinds is not None and feature.name in features:
            lacking = items - sum(counts.get(kind, 0) for kind in feature.kinds)
            _take_out(features[feature.name], round(lacking) * codec(feature).width)
    return found


def _take_out(feature: Feature, missing: int) -> None:
    """Takes so many missing values out of the statistics of a feature."""
    texts = feature.HasField("string_stats")
    common = (feature.string_stats if texts else feature.num_stats).common_stats
    common.tot_num_values = max(common.tot_num_values - missing, 0)
    if texts:
        for bucket in feature.string_stats.rank_histogram.buckets:
            if not bucket.label:
                bucket.sample_count = max(bucket.sample_count - missing, 0)
        return
    for histogram in feature.num_stats.histograms:
        histogram.num_nan = max(histogram.num_nan - missing, 0)
