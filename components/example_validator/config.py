"""Thresholds of ExampleValidator: how far new data may differ from the last run or from serving."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from data.definition.base import Definition

Threshold = FiniteFloat | None
LargestDistance = Annotated[FiniteFloat, Field(ge=0, le=1)] | None


class DistanceThresholds(Definition):
    """Largest allowed distances between two distributions of a feature, overall and by region.

    Attributes:
        infinity_norm: of a category, the largest change of any value's share; None for no limit.
        jensen_shannon: of numbers, the Jensen-Shannon divergence (base 2) of their histograms, from
            0 for equals to 1; None for no limit.
        features: other thresholds for some features, by name; null for no limit.
        stop: whether a distance above its threshold stops the run, or is only told.
    """

    infinity_norm: LargestDistance = 0.2
    jensen_shannon: LargestDistance = 0.1
    features: dict[str, LargestDistance] = {}
    stop: bool = False


class ValidationConfig(Definition):
    """Checks of ExampleValidator, and the thresholds above which each stops a run.

    All but `skew` compares the training lists with those of the last run that was accepted.

    Attributes:
        on_anomalies: `stop`, or `warn` to list what would stop the run and to go on.
        smallest_region: training lists below which a region is not compared.
        most_missing: how much the share of missing values of a feature may rise, overall and in
            each region: a feature that is gone.
        known_values: share of a category's values that must have been there in the last run, where
            it had at most 1,000: a feature whose values are written otherwise now.
        vocabulary_growth: how many times as many values a category may have, per list; at least 100
            are allowed.
        region_share: part of its former share of all lists that a region must keep.
        drift: distances between the last run's training lists and this run's.
        skew: distances between the serving logs, if any are given, and this run's training lists.
        not_compared: features that change by nature, such as the month.
    """

    on_anomalies: Literal["stop", "warn"] = "stop"
    smallest_region: int = Field(default=200, ge=1)
    most_missing: Threshold = Field(default=0.5, gt=0, le=1)
    known_values: Threshold = Field(default=0.5, ge=0, le=1)
    vocabulary_growth: Threshold = Field(default=3.0, ge=1)
    region_share: Threshold = Field(default=0.25, ge=0, lt=1)
    drift: DistanceThresholds = DistanceThresholds()
    skew: DistanceThresholds = DistanceThresholds(stop=True)
    not_compared: tuple[str, ...] = ()
