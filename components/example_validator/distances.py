"""Distances between two sets of statistics, by feature and region, as TFDV measures them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2

from components.example_validator.config import DistanceThresholds, ValidationConfig
from components.example_validator.statistics_by_region import (
    EVERYWHERE,
    Feature,
    Statistics,
    entries_of_list,
    features_of,
    missing_share,
    of_known_numbers,
)
from components.example_validator.validation import Distance, Finding
from data.definition.codecs import codec
from data.definition.dataset import Dataset

Slices = dict[str | None, Statistics]
_MEASURES: dict[int, Literal["infinity_norm", "jensen_shannon"]] = {
    anomalies_pb2.DriftSkewInfo.Measurement.L_INFTY: "infinity_norm",
    anomalies_pb2.DriftSkewInfo.Measurement.JENSEN_SHANNON_DIVERGENCE: "jensen_shannon",
}


@dataclass(frozen=True)
class Sides:
    """Two sets of statistics to compare.

    Attributes:
        check: `drift` or `skew`.
        now: this run's training lists by region.
        other: the last run's, or those that were served.
        known_as: how a message calls the other ones.
    """

    check: Literal["drift", "skew"]
    now: Slices
    other: Slices
    known_as: str


def compare(
    dataset: Dataset, config: ValidationConfig, sides: Sides
) -> tuple[list[Finding], list[Distance]]:
    """Compares the distributions and the missing shares of all features in all large regions.

    Args:
        dataset: names the features.
        config: the thresholds.
        sides: what is compared.

    Returns:
        The anomalies, and every distance that was measured.
    """
    thresholds = config.drift if sides.check == "drift" else config.skew
    findings: list[Finding] = []
    distances: list[Distance] = []
    for region in large_regions(sides, config):
        now, other = sides.now[region], sides.other[region]
        names = _comparable(dataset, config, now, other)
        findings += _missing(config, sides, region, names)
        findings += _shorter(dataset, config, sides, region, names)
        schema = _schema(dataset, thresholds, sides.check, names, now, other)
        found = _validate(schema, sides.check, now, other)
        measured = list(_distances(found, thresholds, dataset, sides.check, region))
        distances += measured
        findings += [
            Finding(
                check=sides.check,
                feature=one.feature,
                region=region,
                stops=thresholds.stop,
                message=f"{one.measure} of {one.value:.3f} from {sides.known_as}, expected at most"
                f" {one.threshold:g}",
            )
            for one in measured
            if one.value > one.threshold
        ]
    return findings, sorted(distances, key=lambda one: -one.value)


def large_regions(sides: Sides, config: ValidationConfig) -> list[str | None]:
    """All lists together, and the regions that have enough lists on both sides."""
    large = [
        region
        for region, part in sides.now.items()
        if region is not EVERYWHERE
        and region in sides.other
        and min(part.num_examples, sides.other[region].num_examples) >= config.smallest_region
    ]
    everywhere = [EVERYWHERE] if EVERYWHERE in sides.now and EVERYWHERE in sides.other else []
    return [*everywhere, *sorted(large, key=str)]


def _comparable(
    dataset: Dataset, config: ValidationConfig, now: Statistics, other: Statistics
) -> list[str]:
    """Features of the same type on both sides."""
    ours, theirs = features_of(now), features_of(other)
    return [
        feature.name
        for feature in dataset.features
        if feature.name not in config.not_compared
        and feature.name in ours
        and feature.name in theirs
        and ours[feature.name].type == theirs[feature.name].type
    ]


def _missing(
    config: ValidationConfig, sides: Sides, region: str | None, names: Sequence[str]
) -> Iterator[Finding]:
    ours, theirs = (features_of(side[region]) for side in (sides.now, sides.other))
    for name in names:
        now, other = missing_share(ours[name]), missing_share(theirs[name])
        # In serving, a feature may as well be gone that training has.
        rise = now - other if sides.check == "drift" else abs(now - other)
        if config.most_missing is not None and rise > config.most_missing:
            yield Finding(
                check="missing",
                feature=name,
                region=region,
                message=f"{now:.0%} of its values are missing, {other:.0%} in {sides.known_as}",
            )


def _shorter(
    dataset: Dataset,
    config: ValidationConfig,
    sides: Sides,
    region: str | None,
    names: Sequence[str],
) -> Iterator[Finding]:
    """Histories that have lost entries: an absent entry is no missing value of one."""
    own = [feature for feature in dataset.history_features if feature.name in names]
    if config.most_missing is None or not own:
        return
    # All features of a history have as many entries.
    name, width = own[0].name, codec(own[0]).width
    now, other = (entries_of_list(side[region], name) / width for side in (sides.now, sides.other))
    most = other if sides.check == "drift" else max(now, other)
    least = now if sides.check == "drift" else min(now, other)
    if least < (1 - config.most_missing) * most:
        yield Finding(
            check="missing",
            feature=name,
            region=region,
            message=f"{now:.1f} past actions a list, {other:.1f} in {sides.known_as}",
        )


def _schema(
    dataset: Dataset,
    thresholds: DistanceThresholds,
    check: str,
    names: Sequence[str],
    now: Statistics,
    other: Statistics,
) -> schema_pb2.Schema:
    """A schema of comparators alone."""
    schema = schema_pb2.Schema()
    ours, theirs = features_of(now), features_of(other)
    for name in names:
        limit = threshold(dataset, thresholds, name)
        own = codec(dataset.feature(name))
        if limit is None or not (_has_values(ours[name]) and _has_values(theirs[name])):
            continue
        feature = schema.feature.add(name=name, type=own.schema_type)
        comparator = feature.drift_comparator if check == "drift" else feature.skew_comparator
        getattr(comparator, own.distance).threshold = limit
    return schema


def threshold(dataset: Dataset, thresholds: DistanceThresholds, name: str) -> float | None:
    """The threshold of a feature; None for no limit."""
    common = {
        "infinity_norm": thresholds.infinity_norm,
        "jensen_shannon_divergence": thresholds.jensen_shannon,
    }
    return thresholds.features.get(name, common[codec(dataset.feature(name)).distance])


def _has_values(feature: Feature) -> bool:
    """Whether the feature has values to compare: categories, also missing ones, or numbers."""
    if feature.HasField("string_stats"):
        return feature.string_stats.common_stats.tot_num_values > 0
    return bool(feature.num_stats.histograms) and missing_share(feature) < 1


def _validate(
    schema: schema_pb2.Schema, check: str, now: Statistics, other: Statistics
) -> anomalies_pb2.Anomalies:
    ours, theirs = of_known_numbers(now), of_known_numbers(other)
    if check == "drift":
        return tfdv.validate_statistics(ours, schema, previous_statistics=theirs)
    return tfdv.validate_statistics(ours, schema, serving_statistics=theirs)


def _distances(
    anomalies: anomalies_pb2.Anomalies,
    thresholds: DistanceThresholds,
    dataset: Dataset,
    check: Literal["drift", "skew"],
    region: str | None,
) -> Iterator[Distance]:
    for info in anomalies.drift_skew_info:
        name = info.path.step[-1]
        for one in info.drift_measurements if check == "drift" else info.skew_measurements:
            yield Distance(
                check=check,
                feature=name,
                region=region,
                measure=_MEASURES[one.type],
                value=one.value,
                threshold=threshold(dataset, thresholds, name) or 0.0,
            )
