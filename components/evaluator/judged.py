"""A gate's metric in a slice, or why it cannot be judged there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.evaluator import slices
from components.evaluator.config import EvaluationConfig, Gate, SliceColumn, SliceGroup
from components.evaluator.results import Metric, Results
from components.evaluator.verdict import TOO_SMALL, GateResult

Selector = SliceGroup | Mapping[SliceColumn, str]


@dataclass(frozen=True)
class Judged:
    """A metric of a slice.

    Attributes:
        slice: value by column.
        metric: the metric; None where the slice is too small or empty.
        why_not: why there is no metric.
    """

    slice: slices.Slice
    metric: Metric | None
    why_not: str = ""

    def interval(
        self, of: Literal["metric", "above_random", "change"]
    ) -> tuple[float, float, float]:
        """Value, low and high end of the metric or of one of its differences."""
        found = self.metric if of == "metric" else getattr(self.metric, of)
        if found is None or found.value is None or found.low is None or found.high is None:
            raise ValueError(f"{slices.describe(self.slice)}: {of} has no interval")
        return found.value, found.low, found.high

    def unmeasured(self, gate: str, required: bool) -> GateResult:
        """The result where there is no metric: a failure only if it is required."""
        prefix = "not measurable" if required else TOO_SMALL
        return GateResult(
            gate=gate,
            slice=self.slice,
            passed=False if required else None,
            skipped=not required,
            why=f"{prefix}: {self.why_not}",
        )


def gate_name(gate: Gate, check: str = "") -> str:
    """What a gate asks, in words: `click ndcg@10 by score: above a random order`."""
    if not check:
        checks = [] if gate.at_least is None else [f"at least {gate.at_least:g}"]
        check = ", ".join([*checks, *([f"against {gate.against}"] if gate.against else [])])
    return f"{gate.task} {gate.metric} by {gate.ranked_by}: {check}"


def is_required(gate: Gate, selector: Selector) -> bool:
    """Whether a slice must be measurable: a named one must, unless the gate says otherwise."""
    named = not isinstance(selector, str) or selector == "overall"
    return named if gate.must_be_measurable is None else gate.must_be_measurable


def judged_slices(
    results: Results, gate: Gate, selector: Selector, config: EvaluationConfig
) -> list[Judged]:
    """The gate's metric in each slice of one selector.

    Args:
        results: what was measured.
        gate: names task, order and metric.
        selector: one of the gate's slices.
        config: the smallest slice.

    Returns:
        One entry a slice.
    """
    known = [measured.slice for measured in results.slices]
    return [
        _judged(results, gate, values, config.smallest_slice)
        for values in slices.select(selector, known)
    ]


def _judged(results: Results, gate: Gate, values: slices.Slice, smallest: int) -> Judged:
    measured = results.slice_of(values)
    if measured is None:
        return Judged(values, None, "no list is in this slice")
    target = measured.targets[gate.task]
    lists = target.lists_counted
    if lists < smallest:
        why = f"{lists} lists count, {smallest} are needed"
        if target.lists_of_equals:
            why += f"; in {target.lists_of_equals} more no order can be wrong"
        return Judged(values, None, why)
    metric = target.rankings[gate.ranked_by][gate.metric]
    if metric.standard_error is None:
        return Judged(values, None, f"{lists} lists count, but there is no interval")
    return Judged(values, metric)
