"""verdict.json: whether a model is blessed, and why."""

from typing import Literal

from components.evaluator.slices import Slice, describe
from data.definition import Definition
from data.result_file import ResultFile

TOO_SMALL = "too small to judge"
MEASURABLE = "lists: some can be judged by"

# Failures that the reason spells out; verdict.json has them all.
_NAMED_FAILURES = 3


class GateResult(Definition):
    """One gate in one slice.

    Attributes:
        gate: what was asked, such as `click ndcg@10 by score: above random`.
        slice: value by column; empty for overall.
        value: the metric, the difference to a random order or the change, as the gate asks.
        low: lower end of its interval.
        high: upper end of its interval.
        threshold: what the value or the interval was held against.
        passed: None where the gate could not be judged and need not be.
        skipped: whether it was not judged.
        why: the finding in words.
    """

    gate: str
    slice: Slice = {}
    value: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    passed: bool | None = None
    skipped: bool = False
    why: str


class BaselineState(Definition):
    """What the last blessed model was good for.

    Attributes:
        state: `none`: no model was blessed before; `compared`; `broken`: it cannot score the
            lists.
        model: its folder.
        error: why it is broken.
        ignored: whether a broken one was ignored, by `ignore_broken_baseline`.
    """

    state: Literal["none", "compared", "broken"]
    model: str | None = None
    error: str | None = None
    ignored: bool = False


class Verdict(ResultFile):
    """The whole of verdict.json.

    Attributes:
        version: of this format.
        blessed: whether the model may be pushed.
        reason: one line for people.
        candidate: folder of the model.
        baseline: the last blessed model.
        gates: every gate in every slice.
    """

    FILE = "verdict.json"

    version: Literal[1] = 1
    blessed: bool
    reason: str
    candidate: str
    baseline: BaselineState
    gates: tuple[GateResult, ...]


def decide(candidate: str, baseline: BaselineState, gates: tuple[GateResult, ...]) -> Verdict:
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
    return Verdict(
        blessed=not failures, reason=reason, candidate=candidate, baseline=baseline, gates=gates
    )


def _failed(failures: list[GateResult]) -> str:
    named = [f"{gate.gate}, {describe(gate.slice)}: {gate.why}" for gate in failures]
    more = len(named) - _NAMED_FAILURES
    shown = named[:_NAMED_FAILURES] + ([f"and {more} more"] if more > 0 else [])
    return f"not blessed, {len(named)} gate(s) failed: " + "; ".join(shown)


def _passed(baseline: BaselineState, gates: tuple[GateResult, ...]) -> str:
    judged = sum(gate.passed is True for gate in gates)
    parts = [f"blessed, {judged} gate(s) passed"]
    if baseline.state == "none":
        parts.append("no model was blessed before, so change gates are skipped")
    if baseline.state == "broken":
        parts.append(f"the last blessed model is ignored, since it is broken: {baseline.error}")
    small = sum(gate.why.startswith(TOO_SMALL) for gate in gates)
    if small:
        parts.append(f"{small} {TOO_SMALL}")
    return "; ".join(parts)
