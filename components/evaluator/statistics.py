"""From the sums of a slice to its metrics, each with the standard error of its replicates.

An interval is value -+ t * standard error, with the t distribution of R - 1 degrees of freedom,
as TFMA builds it from its own bootstrap. (Quantiles of 200 replicates could not tell the 0.25%
tails that Holm's method asks for over ten slices.)
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import tensorflow_model_analysis as tfma

from components.evaluator.list_values import count_names
from components.evaluator.plan import BASELINE, CANDIDATE, EXPECTED, RANDOM, Column, Plan

ABOVE_RANDOM = "above_random"
SHARE_OF_BEST = "share_of_best"

# A mean has a standard error if it rests on 2 lists, on more than one user, and on some list in
# half of the replicates.
_LEAST_LISTS = 2
_LEAST_USERS = 1.5
_LEAST_REPLICATES = 0.5

Estimate: TypeAlias = tfma.types.ValueWithTDistribution | float


def slice_metrics(
    plan: Plan, sums: np.ndarray, counts: np.ndarray
) -> dict[tfma.metrics.MetricKey, Estimate]:
    """Turns sums into metrics.

    Args:
        plan: what was summed.
        sums: float [columns + bases, 1 + R]: the sum over lists, then the replicates'.
        counts: float [counts], see `count_names`.

    Returns:
        By TFMA's key: counts, means, differences to a random order, changes against the baseline
        (keys with `is_diff`), shares of the way from a random order to the best possible one.
    """
    named = dict(zip(count_names(plan), counts.tolist(), strict=True))
    metrics: dict[tfma.metrics.MetricKey, Estimate] = {
        tfma.metrics.MetricKey(f"count/{name}", model_name=_tfma_name(plan, CANDIDATE)): count
        for name, count in named.items()
    }
    means, users = _means(plan, sums), _effective_users(plan, sums)
    for column, mean in means.items():
        lists = named[f"lists/{column.target}/{column.basis}"]
        if users[column] < _LEAST_USERS:
            lists = 1
        for key, replicates in _comparisons(plan, column, mean, means):
            metrics[key] = _estimate(replicates, lists)
    return metrics


def _effective_users(plan: Plan, sums: np.ndarray) -> dict[Column, float]:
    """How many users of equal weight vary as the replicates of each column's weight do.

    A user's weight is drawn with variance 1, so that of K users together with 1 / K of its square.
    """
    weights = sums[len(plan.columns) :][list(plan.basis_of_column)]
    spread = np.var(weights[:, 1:], axis=1, ddof=1)
    users = np.divide(
        weights[:, 0] ** 2, spread, out=np.full(len(weights), np.inf), where=spread > 0
    )
    return dict(zip(plan.columns, users.tolist(), strict=True))


def _means(plan: Plan, sums: np.ndarray) -> dict[Column, np.ndarray]:
    columns, bases = np.split(sums, [len(plan.columns)])
    weights = bases[list(plan.basis_of_column)]
    means = np.divide(columns, weights, out=np.full_like(columns, np.nan), where=weights > 0)
    return dict(zip(plan.columns, means, strict=True))


def _comparisons(
    plan: Plan, column: Column, mean: np.ndarray, means: dict[Column, np.ndarray]
) -> Iterator[tuple[tfma.metrics.MetricKey, np.ndarray]]:
    key = tfma.metrics.MetricKey(
        f"{column.order}/{column.measure}",
        model_name=_tfma_name(plan, column.model or CANDIDATE),
        output_name=column.target,
    )
    yield key, mean
    if not column.model or column.measure == "mean":
        return
    random = means[Column(column.target, column.measure, RANDOM, column.basis)]
    yield key._replace(name=f"{key.name}/{ABOVE_RANDOM}"), mean - random
    if column.measure.startswith(EXPECTED):
        best = np.where(random < 1, 1 - random, np.nan)
        yield key._replace(name=f"{key.name}/{SHARE_OF_BEST}"), (mean - random) / best
    if column.model == CANDIDATE and BASELINE in plan.models:
        baseline = Column(column.target, column.measure, column.order, column.basis, BASELINE)
        yield key.make_diff_key(), mean - means[baseline]


def _tfma_name(plan: Plan, model: str) -> str:
    """TFMA names models only where there are several."""
    return model if len(plan.models) > 1 else ""


def _estimate(replicates: np.ndarray, lists: float) -> Estimate:
    value, drawn = float(replicates[0]), replicates[1:]
    drawn = drawn[np.isfinite(drawn)]
    if lists < _LEAST_LISTS or len(drawn) < _LEAST_REPLICATES * (len(replicates) - 1):
        return value
    return tfma.types.ValueWithTDistribution(
        # TFMA centres its interval on sample_mean: on the value here, not on the replicates' mean.
        sample_mean=value,
        sample_standard_deviation=float(np.std(drawn, ddof=1)),
        sample_degrees_of_freedom=len(replicates) - 2,
        unsampled_value=value,
    )
