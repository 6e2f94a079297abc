"""Gates against the last blessed model."""

from collections.abc import Iterator

from components.evaluator.config import EvaluationConfig, Gate
from components.evaluator.holm import Difference, holm_intervals
from components.evaluator.judged import Judged, Selector, gate_name, is_required, judged_slices
from components.evaluator.results import Results
from components.evaluator.verdict import BaselineState, GateResult

_CHECK = "no worse than the last blessed model"
_NO_COMPARISON = {
    "none": "no model was blessed before",
    "broken": "the last blessed model is broken",
}


def judge_changes(
    results: Results, gate: Gate, config: EvaluationConfig, baseline: BaselineState
) -> Iterator[GateResult]:
    """Judges the change in each slice of a gate.

    A slice fails where the interval of the change lies wholly below 0, or where the change is a
    larger share of the baseline's value than `largest_drop`. The intervals of the slices that one
    entry of `gate.slices` stands for are Holm's: read together, they keep the level.

    Args:
        results: what was measured.
        gate: the gate.
        config: smallest slice, level and number of replicates.
        baseline: what the last blessed model was good for.

    Yields:
        A result a slice; a single one, skipped, where there is nothing to compare with.
    """
    if baseline.state != "compared":
        why = _NO_COMPARISON[baseline.state]
        yield GateResult(gate=gate_name(gate, _CHECK), skipped=True, why=f"no comparison: {why}")
        return
    for selector in gate.slices:
        yield from _judge_selector(results, gate, selector, config)


def _judge_selector(
    results: Results, gate: Gate, selector: Selector, config: EvaluationConfig
) -> Iterator[GateResult]:
    judged = judged_slices(results, gate, selector, config)
    measured = [entry for entry in judged if entry.metric is not None]
    intervals = holm_intervals(
        [_difference(entry) for entry in measured], config.confidence, config.replicates - 1
    )
    for entry, (low, high) in zip(measured, intervals, strict=True):
        yield _judge_change(gate, entry, low, high, len(measured))
    for entry in judged:
        if entry.metric is None:
            yield entry.unmeasured(gate_name(gate, _CHECK), is_required(gate, selector))


def _difference(judged: Judged) -> Difference:
    change = judged.metric.change if judged.metric else None
    if change is None or change.value is None or change.standard_error is None:
        raise ValueError("a baseline that was compared has a change")
    return Difference(change.value, change.standard_error)


def _judge_change(gate: Gate, judged: Judged, low: float, high: float, slices: int) -> GateResult:
    value = _difference(judged).value
    before = _before(judged)
    limit = -gate.largest_drop * before
    share = f", {value / before:+.1%} of {before:.4f}" if before else ""
    together = f", Holm over {slices} slices" if slices > 1 else ""
    faults = ["worse beyond chance"] if high < 0 else []
    faults += [f"more than {gate.largest_drop:.0%} lost"] if value < limit else []
    finding = ": " + " and ".join(faults) if faults else ""
    return GateResult(
        gate=gate_name(gate, _CHECK),
        slice=judged.slice,
        value=value,
        low=low,
        high=high,
        threshold=limit,
        passed=not faults,
        why=f"change {value:+.4f} ({low:+.4f} to {high:+.4f}{together}){share}{finding}",
    )


def _before(judged: Judged) -> float:
    baseline = judged.metric.baseline if judged.metric else None
    return baseline.value or 0.0 if baseline else 0.0
