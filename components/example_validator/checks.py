"""Checks of lists against the schema, and of vocabularies and regions against the last run."""

from collections.abc import Iterator, Mapping

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.example_validator.config import ValidationConfig
from components.example_validator.distances import Sides, Slices
from components.example_validator.statistics_by_region import (
    EVERYWHERE,
    Feature,
    alone,
    features_of,
)
from components.example_validator.validation import Check, Finding
from data.definition.dataset import Dataset

_LONGEST = 200
# New values come with every day; they stop a run only where a schema says how many may be new.
_NEW_VALUES = (
    anomalies_pb2.AnomalyInfo.ENUM_TYPE_UNEXPECTED_STRING_VALUES,
    anomalies_pb2.AnomalyInfo.BOOL_TYPE_UNEXPECTED_STRING,
)
# Lists may be of any length; ListExampleGen has seen to it that all their columns agree.
_LENGTHS = (
    anomalies_pb2.AnomalyInfo.FEATURE_TYPE_LOW_NUMBER_VALUES,
    anomalies_pb2.AnomalyInfo.FEATURE_TYPE_HIGH_NUMBER_VALUES,
    anomalies_pb2.AnomalyInfo.INVALID_FEATURE_SHAPE,
)
_NEW_COLUMN = anomalies_pb2.AnomalyInfo.SCHEMA_NEW_COLUMN
# Values that any vocabulary may have.
_SMALL_VOCABULARY = 100
# More than any logs have, and less than a 64-bit integer holds.
_MOST_VALUES = 2**62
# Values that TFDV keeps of a category.
_KEPT_VALUES = 1_000
_CHECKS: dict[int, Check] = {
    anomalies_pb2.AnomalyInfo.ENUM_TYPE_UNEXPECTED_STRING_VALUES: "known_values",
    anomalies_pb2.AnomalyInfo.FEATURE_TYPE_HIGH_UNIQUE: "vocabulary_growth",
}


def against_schema(
    statistics: Mapping[str, statistics_pb2.DatasetFeatureStatisticsList],
    schema: schema_pb2.Schema,
) -> tuple[dict[str, anomalies_pb2.Anomalies], list[Finding]]:
    """Finds columns that the schema does not expect, or expects of another type, in every split.

    Args:
        statistics: by split.
        schema: the inferred one, or the user's own.

    Returns:
        TFDV's anomalies by split, and the findings among them.
    """
    limited = {
        feature.name
        for feature in schema.feature
        if feature.distribution_constraints.HasField("min_domain_mass")
    }
    anomalies = {
        split: tfdv.validate_statistics(found, schema) for split, found in statistics.items()
    }
    findings = [
        finding
        for split, found in anomalies.items()
        for finding in _findings(split, found, limited)
    ]
    return anomalies, findings


def _findings(
    split: str, anomalies: anomalies_pb2.Anomalies, limited: set[str]
) -> Iterator[Finding]:
    for name, info in anomalies.anomaly_info.items():
        for reason in info.reason:
            if reason.type in _LENGTHS:
                continue
            new_values = reason.type in _NEW_VALUES and name not in limited
            yield Finding(
                check="schema",
                feature=name,
                stops=not new_values and reason.type != _NEW_COLUMN,
                message=f"{reason.short_description} ({split} lists): {reason.description}"[
                    :_LONGEST
                ].strip(),
            )
    if anomalies.HasField("dataset_anomaly_info"):
        yield Finding(check="schema", message=anomalies.dataset_anomaly_info.description)


def vocabularies(dataset: Dataset, config: ValidationConfig, sides: Sides) -> Iterator[Finding]:
    """Finds categories whose values are new or far more than in the last run.

    Args:
        dataset: names the features.
        config: the thresholds.
        sides: this run's statistics and the last run's.

    Yields:
        The anomalies.
    """
    if EVERYWHERE not in sides.now or EVERYWHERE not in sides.other:
        return
    now, last = sides.now[EVERYWHERE], sides.other[EVERYWHERE]
    growth = max(1.0, now.num_examples / max(last.num_examples, 1))
    ours, theirs = features_of(now), features_of(last)
    schema = schema_pb2.Schema()
    for feature in dataset.categorical_features:
        known = ours.get(feature.name), theirs.get(feature.name)
        if all(known) and feature.name not in config.not_compared:
            _expect(schema, feature.name, config, theirs[feature.name], growth)
    anomalies = tfdv.validate_statistics(alone(now), schema)
    for name, info in anomalies.anomaly_info.items():
        for reason in info.reason:
            if reason.type in _CHECKS:
                check = _CHECKS[reason.type]
                message = _message(check, config, ours[name], theirs[name])
                yield Finding(check=check, feature=name, message=message)


def _expect(
    schema: schema_pb2.Schema, name: str, config: ValidationConfig, last: Feature, growth: float
) -> None:
    expected = schema.feature.add(name=name, type=schema_pb2.BYTES)
    if config.vocabulary_growth is not None:
        most = config.vocabulary_growth * growth * last.string_stats.unique
        expected.unique_constraints.max = int(min(max(_SMALL_VOCABULARY, most), _MOST_VALUES))
    values = [bucket.label for bucket in last.string_stats.rank_histogram.buckets]
    if config.known_values is not None and 0 < len(values) < _KEPT_VALUES:
        expected.string_domain.value.extend(values)
        expected.distribution_constraints.min_domain_mass = config.known_values


def _message(check: Check, config: ValidationConfig, now: Feature, last: Feature) -> str:
    if check == "vocabulary_growth":
        return (
            f"{now.string_stats.unique:,} values, {last.string_stats.unique:,} in the last run:"
            f" more than {config.vocabulary_growth:g} times as many a list"
        )
    known = {bucket.label for bucket in last.string_stats.rank_histogram.buckets}
    new = [one.label for one in now.string_stats.rank_histogram.buckets if one.label not in known]
    shown = ", ".join(repr(label)[:40] for label in new[:3])
    return (
        f"expected values of the last run for {config.known_values:.0%} of the items or more, found"
        f" others such as {shown}"
    )


def regions(config: ValidationConfig, sides: Sides) -> Iterator[Finding]:
    """Finds regions whose share of all lists has collapsed since the last run.

    Args:
        config: the thresholds.
        sides: this run's statistics and the last run's.

    Yields:
        The anomalies.
    """
    # TFDV finds fault with a region that is gone whatever part of its share it had to keep.
    if not config.region_share:
        return
    lists = [_lists(side, EVERYWHERE) for side in (sides.now, sides.other)]
    for region, last in sides.other.items():
        if region is EVERYWHERE or last.num_examples < config.smallest_region or not all(lists):
            continue
        schema = schema_pb2.Schema()
        comparator = schema.dataset_constraints.num_examples_drift_comparator
        comparator.min_fraction_threshold = config.region_share * lists[0] / lists[1]
        now = sides.now.get(region, statistics_pb2.DatasetFeatureStatistics())
        found = tfdv.validate_statistics(alone(now), schema, previous_statistics=alone(last))
        if found.data_missing or found.HasField("dataset_anomaly_info"):
            yield Finding(
                check="region_share",
                region=region,
                message=f"{now.num_examples / lists[0]:.2%} of the training lists"
                f" ({now.num_examples:,}), {last.num_examples / lists[1]:.2%} in the last run",
            )


def _lists(slices: Slices, region: str | None) -> int:
    return slices[region].num_examples if region in slices else 0
