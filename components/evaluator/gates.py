"""Holds results against gates."""

from collections.abc import Iterator

from components.evaluator.change_gates import judge_changes
from components.evaluator.config import EvaluationConfig, Gate
from components.evaluator.judged import Judged, gate_name, is_required, judged_slices
from components.evaluator.plan import CANDIDATE
from components.evaluator.results import Results
from components.evaluator.slices import describe
from components.evaluator.verdict import BaselineState, GateResult


def judge(
    results: Results,
    gates: tuple[Gate, ...],
    config: EvaluationConfig,
    baseline: BaselineState,
) -> tuple[GateResult, ...]:
    """Judges every gate in every slice it stands for.

    Args:
        results: what was measured.
        gates: the gates; two more always hold: all predictions are finite, and the last blessed
            model can be evaluated if a gate asks for a comparison.
        config: the smallest slice, the level of the intervals.
        baseline: what the last blessed model was good for.

    Returns:
        The results of the gates.
    """
    judged = [_predictions(results)]
    if baseline.state == "broken" and any(gate.against == "baseline" for gate in gates):
        judged.append(_broken(baseline))
    for gate in gates:
        if gate.at_least is not None or gate.against == "random":
            judged += _judge_values(results, gate, config)
        if gate.against == "baseline":
            judged += judge_changes(results, gate, config, baseline)
    return tuple(judged)


def _predictions(results: Results) -> GateResult:
    overall = results.slice_of({})
    faulty = overall.faulty_predictions[CANDIDATE] if overall else 0
    items = overall.items if overall else 0
    why = f"{faulty} of {items} items have no finite prediction" if items else "there are no lists"
    if worst := _worst(results):
        why += f", most in {worst}"
    return GateResult(
        gate="predictions: finite for every item",
        value=faulty,
        threshold=0,
        passed=items > 0 and faulty == 0,
        why=why,
    )


def _worst(results: Results) -> str:
    """The region or platform with most faulty predictions, and their number."""
    parts = [part for part in results.slices if len(part.slice) == 1]
    worst = max(parts, key=lambda part: part.faulty_predictions[CANDIDATE], default=None)
    if worst is None or not worst.faulty_predictions[CANDIDATE]:
        return ""
    found = worst.faulty_predictions[CANDIDATE]
    return f"{describe(worst.slice)} ({found} of {worst.items})"


def _broken(baseline: BaselineState) -> GateResult:
    why = f"the last blessed model {baseline.model} cannot score these lists: {baseline.error}"
    advice = "" if baseline.ignored else "; `ignore_broken_baseline: true` blesses without it"
    return GateResult(
        gate="last blessed model: can be evaluated",
        passed=None if baseline.ignored else False,
        skipped=baseline.ignored,
        why=why + advice,
    )


def _judge_values(results: Results, gate: Gate, config: EvaluationConfig) -> Iterator[GateResult]:
    for selector in gate.slices:
        for judged in judged_slices(results, gate, selector, config):
            if judged.metric is None:
                yield judged.unmeasured(gate_name(gate), is_required(gate, selector))
                continue
            if gate.at_least is not None:
                yield _at_least(gate, gate.at_least, judged)
            if gate.against == "random":
                yield _above_random(gate, judged)


def _at_least(gate: Gate, threshold: float, judged: Judged) -> GateResult:
    value, low, high = judged.interval("metric")
    return GateResult(
        gate=gate_name(gate, f"at least {threshold:g}"),
        slice=judged.slice,
        value=value,
        low=low,
        high=high,
        threshold=threshold,
        passed=value >= threshold,
        why=f"{value:.4f} ({low:.4f} to {high:.4f}), {value - threshold:+.4f} from {threshold:g}",
    )


def _above_random(gate: Gate, judged: Judged) -> GateResult:
    value, low, high = judged.interval("above_random")
    return GateResult(
        gate=gate_name(gate, "above a random order"),
        slice=judged.slice,
        value=value,
        low=low,
        high=high,
        threshold=0,
        passed=low > 0,
        why=f"{value:+.4f} ({low:+.4f} to {high:+.4f}) against a random order",
    )
