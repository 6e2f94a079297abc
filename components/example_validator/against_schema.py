"""This run's statistics against its schema: columns that are not there, or of another type."""

from collections.abc import Iterator, Mapping

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.example_validator.validation import Finding

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


def validate(
    statistics: Mapping[str, statistics_pb2.DatasetFeatureStatisticsList],
    schema: schema_pb2.Schema,
) -> tuple[dict[str, anomalies_pb2.Anomalies], list[Finding]]:
    """Validates every split.

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
