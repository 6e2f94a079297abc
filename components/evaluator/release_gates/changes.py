"""Gates against the last blessed model, with Holm's intervals over the slices of one entry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from components.evaluator.config import EvaluationConfig, ReleaseGate
from components.evaluator.release_gates.values import (
    Selector,
    SliceMetric,
    gate_name,
    is_required,
    metric_by_slice,
)
from components.evaluator.results import BaselineState, ReleaseGateResult, Results

_CHECK = "no worse than the last blessed model"
_NO_COMPARISON = {
    "none": "no model was blessed before",
    "broken": "the last blessed model is broken",
}


@dataclass(frozen=True)
class Difference:
    """A difference with the standard error of its replicates.

    Attributes:
        value: the difference.
        standard_error: of the value.
    """

    value: float
    standard_error: float


def holm_intervals(
    differences: Sequence[Difference], confidence: float, degrees: int
) -> list[tuple[float, float]]:
    """Intervals that all hold together with the given confidence.

    The differences are taken in the order of their p-values. The k-th of m is tested at
    (1 - confidence) / (m - k + 1); from the first that is not significant on, all share its
    level. So an interval leaves out 0 exactly where Holm's method rejects.

    Args:
        differences: m differences.
        confidence: level of a single interval, such as 0.95.
        degrees: degrees of freedom of the t distribution.

    Returns:
        The low and the high end for each difference.

    Source:
        Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979.
    """
    values = np.array([difference.value for difference in differences])
    errors = np.array([difference.standard_error for difference in differences])
    probabilities = _two_sided(values, errors, degrees)
    order = np.argsort(probabilities, kind="stable")
    levels = (1 - confidence) / np.arange(len(values), 0, -1)
    accepted = np.flatnonzero(probabilities[order] > levels)
    if len(accepted):
        levels[accepted[0] :] = levels[accepted[0]]
    reach = np.empty(len(values))
    reach[order] = stats.t.ppf(1 - levels / 2, degrees)
    reach *= errors
    return list(zip((values - reach).tolist(), (values + reach).tolist(), strict=True))


def _two_sided(values: np.ndarray, errors: np.ndarray, degrees: int) -> np.ndarray:
    # An error of 0: all lists differ by exactly the value, or by nothing at all.
    sure = np.where(values == 0, 0.0, np.inf)
    sizes = np.divide(np.abs(values), errors, out=sure, where=errors > 0)
    return 2 * stats.t.sf(sizes, degrees)


def judge_changes(
    results: Results, gate: ReleaseGate, config: EvaluationConfig, baseline: BaselineState
) -> Iterator[ReleaseGateResult]:
    """Judges the change in each slice of a gate.

    A slice fails where the interval of the change lies wholly below 0, or where the change is a
    larger share of the baseline's value than `largest_drop`. The intervals of the slices that one
    entry of `gate.slices` stands for are Holm's: read together, they keep the level.

    Args:
        results: what was measured.
        gate: the gate.
        config: smallest slice, level and number of replicates.
        baseline: how the last blessed model fared.

    Yields:
        A result a slice; a single one, skipped, where there is nothing to compare with.
    """
    if baseline.state != "compared":
        why = _NO_COMPARISON[baseline.state]
        yield ReleaseGateResult(
            gate=gate_name(gate, _CHECK), skipped=True, why=f"no comparison: {why}"
        )
        return
    for selector in gate.slices:
        yield from _judge_selector(results, gate, selector, config)


def _judge_selector(
    results: Results, gate: ReleaseGate, selector: Selector, config: EvaluationConfig
) -> Iterator[ReleaseGateResult]:
    judged = metric_by_slice(results, gate, selector, config)
    measured = [entry for entry in judged if entry.metric is not None]
    intervals = holm_intervals(
        [_difference(entry) for entry in measured], config.confidence, config.replicates - 1
    )
    for entry, (low, high) in zip(measured, intervals, strict=True):
        yield _judge_change(gate, entry, low, high, len(measured))
    for entry in judged:
        if entry.metric is None:
            yield entry.unmeasured(gate_name(gate, _CHECK), is_required(gate, selector))


def _difference(judged: SliceMetric) -> Difference:
    change = judged.metric.change if judged.metric else None
    if change is None or change.value is None or change.standard_error is None:
        raise ValueError("a baseline that was compared has a change")
    return Difference(change.value, change.standard_error)


def _judge_change(
    gate: ReleaseGate, judged: SliceMetric, low: float, high: float, slices: int
) -> ReleaseGateResult:
    value = _difference(judged).value
    before = _before(judged)
    limit = -gate.largest_drop * before
    share = f", {value / before:+.1%} of {before:.4f}" if before else ""
    together = f", Holm over {slices} slices" if slices > 1 else ""
    faults = ["worse beyond chance"] if high < 0 else []
    faults += [f"more than {gate.largest_drop:.0%} lost"] if value < limit else []
    finding = ": " + " and ".join(faults) if faults else ""
    return ReleaseGateResult(
        gate=gate_name(gate, _CHECK),
        slice=judged.slice,
        value=value,
        low=low,
        high=high,
        threshold=limit,
        passed=not faults,
        why=f"change {value:+.4f} ({low:+.4f} to {high:+.4f}{together}){share}{finding}",
    )


def _before(judged: SliceMetric) -> float:
    baseline = judged.metric.baseline if judged.metric else None
    return baseline.value or 0.0 if baseline else 0.0
