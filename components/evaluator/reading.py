"""Reads TFMA's output into `Results`."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow_model_analysis as tfma
from scipy import stats
from tensorflow_model_analysis.proto import metrics_for_slice_pb2

from components.evaluator import slices
from components.evaluator.config import GRADED, EvaluationConfig
from components.evaluator.plan import BASELINE, CANDIDATE, OBSERVED, PREDICTED, Column, Plan
from components.evaluator.results import Estimate, Metric, Results, SliceResults, Target
from components.evaluator.statistics import ABOVE_RANDOM, SHARE_OF_BEST

# (model, target, name, whether it is a difference to the baseline) -> estimate.
Values = Mapping[tuple[str, str, str, bool], Estimate]


def read_results(
    output: str, plan: Plan, config: EvaluationConfig, models: Mapping[str, str]
) -> Results:
    """Reads what TFMA has written.

    Args:
        output: TFMA's folder.
        plan: what was measured.
        config: level of the intervals.
        models: folder by model.

    Returns:
        The results: slices sorted, overall first.
    """
    read = [_slice_results(proto, plan, config) for proto in tfma.load_metrics(output)]
    read.sort(key=lambda result: (len(result.slice), list(result.slice.items())))
    return Results(
        confidence=config.confidence,
        replicates=config.replicates,
        candidate=models[CANDIDATE],
        baseline=models.get(BASELINE),
        slices=tuple(read),
    )


def _slice_results(
    proto: metrics_for_slice_pb2.MetricsForSlice, plan: Plan, config: EvaluationConfig
) -> SliceResults:
    values = dict(_values(proto.metric_keys_and_values, config))
    counts = {
        name.removeprefix("count/"): round(estimate.value or 0)
        for (_, _, name, _), estimate in values.items()
        if name.startswith("count/")
    }
    key = tfma.slicer.deserialize_slice_key(proto.slice_key)
    return SliceResults(
        slice=slices.from_tfma(key),
        lists=counts["lists"],
        items=counts["items"],
        faulty_predictions={model: counts[f"faulty/{model}"] for model in plan.models},
        targets={target: _target(target, plan, values, counts) for target in plan.targets},
    )


def _values(items: Iterable[Any], config: EvaluationConfig) -> Iterable[tuple[Any, Estimate]]:
    for item in items:
        model = item.key.model_name or CANDIDATE
        key = (model, item.key.output_name, item.key.name, item.key.is_diff)
        yield key, _estimate(item, config.confidence)


def _estimate(item: Any, confidence: float) -> Estimate:
    value = item.value.double_value.value
    if not np.isfinite(value):
        return Estimate()
    if not item.HasField("confidence_interval"):
        return Estimate(value=value)
    interval = item.confidence_interval
    error = interval.standard_error.double_value.value
    return interval_of(value, error, interval.degrees_of_freedom.value, confidence)


def interval_of(value: float, error: float, degrees: int, confidence: float) -> Estimate:
    """The interval value -+ t * error, t of so many degrees of freedom."""
    reach = float(stats.t.ppf((1 + confidence) / 2, degrees)) * error
    return Estimate(value=value, low=value - reach, high=value + reach, standard_error=error)


def _target(target: str, plan: Plan, values: Values, counts: Mapping[str, int]) -> Target:
    lists = counts[f"lists/{target}/labels"]
    predicted, observed = f"{PREDICTED}/mean", f"{OBSERVED}/mean"
    rankings: dict[str, dict[str, Metric]] = {}
    for column in plan.columns:
        if column.target == target and column.measure != "mean" and column.model != BASELINE:
            rankings.setdefault(column.order, {})[column.measure] = _metric(column, values)
    return Target(
        lists_counted=lists,
        lists_not_counted=counts["lists"] - lists,
        lists_of_equals=counts[f"equals/{target}"],
        positives=counts[f"positives/{target}"],
        labelled_items=None if target == GRADED else counts[f"labelled/{target}"],
        predicted=values.get((CANDIDATE, target, predicted, False)),
        predicted_by_baseline=values.get((BASELINE, target, predicted, False)),
        observed=values.get((CANDIDATE, target, observed, False)),
        rankings=rankings,
    )


def _metric(column: Column, values: Values) -> Metric:
    name = f"{column.order}/{column.measure}"
    target = column.target
    own = values[CANDIDATE, target, name, False]
    return Metric(
        value=own.value,
        low=own.low,
        high=own.high,
        standard_error=own.standard_error,
        above_random=values.get((CANDIDATE, target, f"{name}/{ABOVE_RANDOM}", False)),
        share_of_best=values.get((CANDIDATE, target, f"{name}/{SHARE_OF_BEST}", False)),
        baseline=values.get((BASELINE, target, name, False)),
        change=values.get((CANDIDATE, target, name, True)),
    )
