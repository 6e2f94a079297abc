"""Gates on the value of a metric in a slice, where it is measurable."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from components.evaluator.config import EvaluationConfig, ReleaseGate, SliceColumn, SliceGroup
from components.evaluator.plan import Slice, describe, select
from components.evaluator.results import TOO_SMALL, Metric, ReleaseGateResult, Results

Selector = SliceGroup | Mapping[SliceColumn, str]


@dataclass(frozen=True)
class SliceMetric:
    """A metric of a slice.

    Attributes:
        slice: value by column.
        metric: the metric; None where the slice is too small or empty.
        why_not: why there is no metric.
    """

    slice: Slice
    metric: Metric | None
    why_not: str = ""

    def interval(
        self, of: Literal["metric", "above_random", "change"]
    ) -> tuple[float, float, float]:
        """Value, low and high end of the metric or of one of its differences."""
        found = self.metric if of == "metric" else getattr(self.metric, of)
        if found is None or found.value is None or found.low is None or found.high is None:
            raise ValueError(f"{describe(self.slice)}: {of} has no interval")
        return found.value, found.low, found.high

    def unmeasured(self, gate: str, required: bool) -> ReleaseGateResult:
        """The result where there is no metric: a failure only if it is required."""
        prefix = "not measurable" if required else TOO_SMALL
        return ReleaseGateResult(
            gate=gate,
            slice=self.slice,
            passed=False if required else None,
            skipped=not required,
            why=f"{prefix}: {self.why_not}",
        )


def gate_name(gate: ReleaseGate, check: str = "") -> str:
    """A gate in words: `click ndcg@10 by score: above a random order`."""
    if not check:
        checks = [] if gate.at_least is None else [f"at least {gate.at_least:g}"]
        check = ", ".join([*checks, *([f"against {gate.against}"] if gate.against else [])])
    return f"{gate.task} {gate.metric} by {gate.ranked_by}: {check}"


def is_required(gate: ReleaseGate, selector: Selector) -> bool:
    """Whether a slice must be measurable: a named one must, unless the gate says otherwise."""
    named = not isinstance(selector, str) or selector == "overall"
    return named if gate.must_be_measurable is None else gate.must_be_measurable


def metric_by_slice(
    results: Results, gate: ReleaseGate, selector: Selector, config: EvaluationConfig
) -> list[SliceMetric]:
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
        _metric_in(results, gate, values, config.smallest_slice)
        for values in select(selector, known)
    ]


def _metric_in(results: Results, gate: ReleaseGate, values: Slice, smallest: int) -> SliceMetric:
    measured = results.slice_of(values)
    if measured is None:
        return SliceMetric(values, None, "no list is in this slice")
    target = measured.targets[gate.task]
    lists = target.lists_counted
    if lists < smallest:
        why = f"{lists} lists count, {smallest} are needed (evaluation: smallest_slice)"
        if target.lists_of_equals:
            why += f"; in {target.lists_of_equals} more no order can be wrong"
        if target.lists_open:
            why += f"; of {target.lists_open} it is too early to say"
        return SliceMetric(values, None, why)
    metric = target.rankings[gate.ranked_by][gate.metric]
    if metric.standard_error is None:
        return SliceMetric(values, None, f"{lists} lists count, but there is no interval")
    return SliceMetric(values, metric)


def judge_values(
    results: Results, gate: ReleaseGate, config: EvaluationConfig
) -> Iterator[ReleaseGateResult]:
    """Judges the value of a gate's metric in each of its slices.

    Args:
        results: what was measured.
        gate: asks for `at_least`, for more than a random order, or for both.
        config: the smallest slice.

    Yields:
        A result for each slice and each of the two.
    """
    for selector in gate.slices:
        for judged in metric_by_slice(results, gate, selector, config):
            if judged.metric is None:
                yield judged.unmeasured(gate_name(gate), is_required(gate, selector))
                continue
            if gate.at_least is not None:
                yield _at_least(gate, gate.at_least, judged)
            if gate.against == "random":
                yield _above_random(gate, judged)


def _at_least(gate: ReleaseGate, threshold: float, judged: SliceMetric) -> ReleaseGateResult:
    value, low, high = judged.interval("metric")
    return ReleaseGateResult(
        gate=gate_name(gate, f"at least {threshold:g}"),
        slice=judged.slice,
        value=value,
        low=low,
        high=high,
        threshold=threshold,
        passed=value >= threshold,
        why=f"{value:.4f} ({low:.4f} to {high:.4f}), {value - threshold:+.4f} from {threshold:g}",
    )


def _above_random(gate: ReleaseGate, judged: SliceMetric) -> ReleaseGateResult:
    value, low, high = judged.interval("above_random")
    return ReleaseGateResult(
        gate=gate_name(gate, "above a random order"),
        slice=judged.slice,
        value=value,
        low=low,
        high=high,
        threshold=0,
        passed=low > 0,
        why=f"{value:+.4f} ({low:+.4f} to {high:+.4f}) against a random order",
    )
