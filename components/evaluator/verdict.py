"""Judges a model by all gates, and decides whether it is blessed."""

from components.evaluator.config import EvaluationConfig, ReleaseGate
from components.evaluator.plan import CANDIDATE, describe
from components.evaluator.release_gates.calibration import judge_calibration
from components.evaluator.release_gates.changes import judge_changes
from components.evaluator.release_gates.values import judge_values
from components.evaluator.results import (
    MEASURABLE,
    TOO_SMALL,
    BaselineState,
    ReleaseGateResult,
    Results,
    Verdict,
)
from data.amounts import counted

# Failures that the reason spells out; verdict.json has them all.
_NAMED_FAILURES = 3


def judge(
    results: Results,
    gates: tuple[ReleaseGate, ...],
    config: EvaluationConfig,
    baseline: BaselineState,
) -> tuple[ReleaseGateResult, ...]:
    """Judges every gate in every slice it stands for.

    Args:
        results: what was measured.
        gates: the gates; three more always hold: all predictions are finite, some list can be
            judged by, and the last blessed model can be evaluated if a gate asks for a comparison.
        config: the smallest slice, the level of the intervals, the gate on calibration.
        baseline: how the last blessed model fared.

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
            judged += judge_values(results, gate, config)
        if gate.against == "baseline":
            judged += judge_changes(results, gate, config, baseline)
    judged += judge_calibration(results, config)
    return tuple(judged)


def _predictions(results: Results) -> ReleaseGateResult:
    overall = results.slice_of({})
    faulty = overall.faulty_predictions[CANDIDATE] if overall else 0
    items = overall.items if overall else 0
    why = f"{faulty} of {items} items have no finite prediction" if items else "there are no lists"
    if worst := _worst(results):
        why += f", most in {worst}"
    return ReleaseGateResult(
        gate="predictions: finite for every item",
        value=faulty,
        threshold=0,
        passed=items > 0 and faulty == 0,
        why=why,
    )


def _not_measurable(results: Results) -> ReleaseGateResult | None:
    """The failure of an evaluation without any list to judge by."""
    overall = results.slice_of({})
    if overall is None:
        return None  # There are no lists at all, as the gate on predictions says.
    targets = list(overall.targets.values())
    if any(target.lists_counted for target in targets):
        return None
    open_lists = max(target.lists_open for target in targets)
    if open_lists and open_lists == overall.lists:
        why = "the windows of all lists of the evaluation are open: it is too early to say"
    elif any(target.lists_of_equals for target in targets):
        why = "no order can be wrong in any list of the evaluation that has an action"
    elif any(target.positives for target in targets):
        why = "no list of the evaluation has an action; lists without weight do not count"
    else:
        why = "no list of the evaluation has an action"
    return ReleaseGateResult(gate=MEASURABLE, value=0, threshold=1, passed=False, why=why)


def _worst(results: Results) -> str:
    """The region, platform or kind of items with most faulty predictions, and their number."""
    parts = [part for part in results.slices if len(part.slice) == 1]
    worst = max(parts, key=lambda part: part.faulty_predictions[CANDIDATE], default=None)
    if worst is None or not worst.faulty_predictions[CANDIDATE]:
        return ""
    found = worst.faulty_predictions[CANDIDATE]
    return f"{describe(worst.slice)} ({found} of {worst.items})"


def _broken(baseline: BaselineState) -> ReleaseGateResult:
    why = f"the last blessed model {baseline.model} cannot score these lists: {baseline.error}"
    advice = "" if baseline.ignored else "; `ignore_broken_baseline: true` blesses without it"
    return ReleaseGateResult(
        gate="last blessed model: can be evaluated",
        passed=None if baseline.ignored else False,
        skipped=baseline.ignored,
        why=why + advice,
    )


def decide(
    candidate: str, baseline: BaselineState, gates: tuple[ReleaseGateResult, ...]
) -> Verdict:
    """A model is blessed unless a gate fails.

    Args:
        candidate: folder of the model.
        baseline: the last blessed model.
        gates: the results of the gates.

    Returns:
        The verdict with its reason.
    """
    failures = [gate for gate in gates if gate.passed is False]
    nothing = next((gate.why for gate in failures if gate.gate == MEASURABLE), None)
    if nothing:
        reason = f"not blessed: not measurable, {nothing}"
    else:
        reason = _failed(failures) if failures else _passed(baseline, gates)
        reason = "; ".join([reason, *_warnings(gates)])
    return Verdict(
        blessed=not failures, reason=reason, candidate=candidate, baseline=baseline, gates=gates
    )


def _failed(failures: list[ReleaseGateResult]) -> str:
    named = [f"{gate.gate}, {describe(gate.slice)}: {gate.why}" for gate in failures]
    more = len(named) - _NAMED_FAILURES
    shown = named[:_NAMED_FAILURES] + ([f"and {more} more"] if more > 0 else [])
    return f"not blessed, {counted(len(named), 'gate')} failed: " + "; ".join(shown)


def _passed(baseline: BaselineState, gates: tuple[ReleaseGateResult, ...]) -> str:
    judged = sum(gate.passed is True for gate in gates)
    parts = [f"blessed, {counted(judged, 'gate')} passed"]
    if baseline.state == "none":
        parts.append("no model was blessed before, so change gates are skipped")
    if baseline.state == "broken":
        parts.append(f"the last blessed model is ignored, since it is broken: {baseline.error}")
    small = sum(gate.why.startswith(TOO_SMALL) for gate in gates)
    if small:
        parts.append(f"{small} {TOO_SMALL}")
    return "; ".join(parts)


def _warnings(gates: tuple[ReleaseGateResult, ...]) -> list[str]:
    """What was told only: the first finding, and how many more there are."""
    told = [f"{gate.gate}, {describe(gate.slice)}: {gate.why}" for gate in gates if gate.warned]
    more = f" (and {len(told) - 1} more in the report)" if len(told) > 1 else ""
    return [f"warning: {told[0]}{more}"] if told else []
