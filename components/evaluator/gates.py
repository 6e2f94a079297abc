"""Holds results against gates."""

from collections.abc import Iterator

from components.evaluator.change_gates import judge_changes
from components.evaluator.config import EvaluationConfig, Gate
from components.evaluator.judged import Judged, gate_name, is_required, judged_slices
from components.evaluator.plan import CANDIDATE
from components.evaluator.results import Results
from components.evaluator.slices import describe
from components.evaluator.verdict import MEASURABLE, BaselineState, GateResult


def judge(
    results: Results,
    gates: tuple[Gate, ...],
    config: EvaluationConfig,
    baseline: BaselineState,
) -> tuple[GateResult, ...]:
    """Judges every gate in every slice it stands for.

    Args:
        results: what was measured.
        gates: the gates; three more always hold: all predictions are finite, some list can be
            judged by, and the last blessed model can be evaluated if a gate asks for a comparison.
        config: the smallest slice, the level of the intervals.
        baseline: what the last blessed model was good for.

    Returns:
        The results of the gates; of those that always hold alone, where no list can be judged by.
    """
    judged = [_predictions(results)]
    if baseline.state == "broken" and any(gate.against == "baseline" for gate in gates):
        judged.append(_broken(baseline))
    nothing = _not_measurable(results)
    if nothing:
        return (*judged, nothing)
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


def _not_measurable(results: Results) -> GateResult | None:
    """The failure of an evaluation without any list to judge by."""
    overall = results.slice_of({})
    if overall is None:
        return None  # There are no lists at all, as the gate on predictions says.
    targets = list(overall.targets.values())
    if any(target.lists_counted for target in targets):
        return None
    if any(target.lists_of_equals for target in targets):
        why = "no order can be wrong in any list of the evaluation that has an action"
    elif any(target.positives for target in targets):
        why = "no list of the evaluation has an action; lists without weight do not count"
    else:
        why = "no list of the evaluation has an action"
    return GateResult(gate=MEASURABLE, value=0, threshold=1, passed=False, why=why)


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
