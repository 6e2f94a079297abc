from typing import Any

import pytest
from scipy import stats

from components.evaluator.config import EvaluationConfig, ReleaseGate
from components.evaluator.plan import Slice
from components.evaluator.results import (
    MEASURABLE,
    BaselineState,
    Estimate,
    Metric,
    ReleaseGateResult,
    Results,
    SliceResults,
    Target,
    Verdict,
)
from components.evaluator.verdict import decide, judge

T = float(stats.t.ppf(0.975, 199))
CONFIG = EvaluationConfig()
COMPARED = BaselineState(state="compared", model="old")
FIRST_RUN = BaselineState(state="none")


def estimate(value: float, error: float) -> Estimate:
    return Estimate(
        value=value, low=value - T * error, high=value + T * error, standard_error=error
    )


def measured(
    values: Slice,
    lists: int = 500,
    value: float = 0.5,
    above_random: float = 0.1,
    change: float = 0.0,
    error: float = 0.01,
    faulty: int = 0,
) -> SliceResults:
    metric = Metric(
        **estimate(value, error).model_dump(),
        above_random=estimate(above_random, error),
        baseline=estimate(value - change, error),
        change=estimate(change, error),
    )
    target = Target(
        lists_counted=lists,
        lists_not_counted=0,
        positives=lists,
        rankings={"score": {"ndcg@10": metric}},
    )
    return SliceResults(
        slice=values,
        lists=lists,
        items=lists * 10,
        faulty_predictions={"candidate": faulty, "baseline": 0},
        targets={"graded": target, "click": target},
    )


def results(*slices: SliceResults) -> Results:
    return Results(confidence=0.95, replicates=200, candidate="new", baseline="old", slices=slices)


def outcome(
    found: Results, gate: dict[str, Any], baseline: BaselineState = COMPARED
) -> list[ReleaseGateResult]:
    """The results of one gate, without those that always hold."""
    judged = judge(found, (ReleaseGate.model_validate(gate),), CONFIG, baseline)
    return [result for result in judged if result.gate.startswith(("graded", "click"))]


@pytest.mark.parametrize(
    ("gate", "found", "passed"),
    [
        ({"at_least": 0.5}, {"value": 0.5}, True),
        ({"at_least": 0.5}, {"value": 0.499}, False),
        # The interval must lie wholly above 0: 0.1 -+ 1.97 * 0.05, and -+ 1.97 * 0.052.
        ({"against": "random"}, {"above_random": 0.1, "error": 0.05}, True),
        ({"against": "random"}, {"above_random": 0.1, "error": 0.052}, False),
        ({"against": "random"}, {"above_random": -0.1}, False),
        # Better, equal, worse by chance, worse beyond chance, lost more than 5% of .5.
        ({"against": "baseline"}, {"change": 0.1}, True),
        ({"against": "baseline"}, {"change": 0.0, "error": 0.0}, True),
        ({"against": "baseline"}, {"change": -0.019}, True),
        ({"against": "baseline"}, {"change": -0.021}, False),
        ({"against": "baseline"}, {"change": -0.03, "error": 0.1}, False),
        ({"against": "baseline", "largest_drop": 0.1}, {"change": -0.03, "error": 0.1}, True),
    ],
)
def test_one_slice(gate: dict[str, Any], found: dict[str, float], passed: bool) -> None:
    [result] = outcome(results(measured({}, **found)), gate)
    assert result.passed is passed
    assert not result.skipped


def test_largest_drop_is_a_share_of_the_old_value() -> None:
    # .475 after .5 is a loss of exactly 5%.
    [kept] = outcome(
        results(measured({}, value=0.4751, change=-0.0249, error=1)), {"against": "baseline"}
    )
    [lost] = outcome(
        results(measured({}, value=0.4749, change=-0.0251, error=1)), {"against": "baseline"}
    )
    assert (kept.passed, lost.passed) == (True, False)
    assert lost.threshold == pytest.approx(-0.05 * 0.5)
    assert "-5.0% of 0.5000: more than 5% lost" in lost.why


def test_holm_over_the_slices_of_one_entry() -> None:
    # A change of 2.5 standard errors fails alone; as the worst of ten regions it is chance.
    regions = [measured({"region": "R0"}, change=-0.0125, error=0.005)]
    regions += [measured({"region": f"R{number}"}, error=0.005) for number in range(1, 10)]
    many = outcome(results(*regions), {"against": "baseline", "slices": "every_region"})
    assert [result.passed for result in many] == [True] * 10
    assert "Holm over 10 slices" in many[0].why
    named = {"against": "baseline", "slices": {"region": "R0"}}
    assert [result.passed for result in outcome(results(*regions), named)] == [False]


def test_small_slices_under_every_region_are_listed_not_judged() -> None:
    found = results(
        measured({"region": "DE"}),
        measured({"region": "FR"}, lists=99, change=-0.4),
        measured({"region": "IT"}, lists=100),
        measured({"platform": "app"}),
    )
    judged = outcome(found, {"against": "baseline", "slices": "every_region"})
    assert {result.slice["region"]: result.passed for result in judged} == {
        "DE": True,
        "IT": True,
        "FR": None,
    }
    [small] = [result for result in judged if result.skipped]
    needed = "100 are needed (evaluation: smallest_slice)"
    assert small.why == f"too small to judge: 99 lists count, {needed}"


@pytest.mark.parametrize("region", ["FR", "ES"])
@pytest.mark.parametrize("check", [{"at_least": 0}, {"against": "baseline"}])
def test_a_named_slice_must_be_measurable(region: str, check: dict[str, Any]) -> None:
    found = results(measured({}), measured({"region": "FR"}, lists=99))
    [result] = outcome(found, {**check, "slices": {"region": region}})
    assert result.passed is False
    expected = "99 lists count" if region == "FR" else "no list is in this slice"
    assert result.why.startswith(f"not measurable: {expected}")


def test_both_columns_of_a_named_slice_in_any_order() -> None:
    found = results(measured({"region": "DE", "platform": "app"}))
    gate = {"at_least": 0.4, "slices": {"platform": "app", "region": "DE"}}
    assert [result.passed for result in outcome(found, gate)] == [True]


def test_a_slice_of_lists_without_actions_never_passes() -> None:
    # Known fault 2: not measurable, never 0, 1 or a pass.
    empty = Metric(above_random=Estimate(), baseline=Estimate(), change=Estimate())
    overall = measured({}, lists=0)
    target = overall.targets["click"].model_copy(update={"rankings": {"score": {"ndcg@10": empty}}})
    found = results(overall.model_copy(update={"targets": {"click": target, "graded": target}}))
    for gate in ({"at_least": 0}, {"against": "random"}, {"against": "baseline"}):
        assert [result.passed for result in outcome(found, gate)] == []
        judged = judge(found, (ReleaseGate.model_validate(gate),), CONFIG, COMPARED)
        assert [result.gate for result in judged if result.passed is False][-1] == MEASURABLE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"positives": 0}, "no list of the evaluation has an action"),
        (
            {"positives": 9},
            "no list of the evaluation has an action; lists without weight do not count",
        ),
        (
            {"positives": 9, "lists_of_equals": 9},
            "no order can be wrong in any list of the evaluation that has an action",
        ),
        (
            {"lists_open": 9},
            "the windows of all lists of the evaluation are open: it is too early to say",
        ),
    ],
)
@pytest.mark.parametrize("gates", [[], [{"at_least": 0.0}]])
def test_an_evaluation_without_a_list_to_judge_by_blesses_nothing(
    gates: list[dict[str, Any]], changes: dict[str, int], why: str
) -> None:
    overall = measured({}, lists=0).model_copy(update={"lists": 9})
    target = overall.targets["click"].model_copy(update=changes)
    found = results(overall.model_copy(update={"targets": {"click": target, "graded": target}}))
    config = EvaluationConfig.model_validate({"gates": gates})
    decision = decide("new", FIRST_RUN, judge(found, config.gates or (), config, FIRST_RUN))
    assert not decision.blessed
    assert decision.reason == f"not blessed: not measurable, {why}"


def test_a_gate_says_of_how_many_lists_it_is_too_early_to_say() -> None:
    overall = measured({}, lists=60)
    target = overall.targets["click"].model_copy(update={"lists_open": 140})
    found = results(overall.model_copy(update={"targets": {"click": target}}))
    [result] = outcome(found, {"task": "click", "at_least": 0})
    needed = "100 are needed (evaluation: smallest_slice)"
    why = f"not measurable: 60 lists count, {needed}; of 140 it is too early to say"
    assert result.why == why


def test_lists_in_which_no_order_can_be_wrong_are_no_evidence() -> None:
    overall = measured({}, lists=60)
    target = overall.targets["graded"].model_copy(update={"lists_of_equals": 1900})
    found = results(overall.model_copy(update={"targets": {"graded": target}}))
    [result] = outcome(found, {"against": "random"})
    assert result.passed is False
    assert result.why == (
        "not measurable: 60 lists count, 100 are needed (evaluation: smallest_slice); in 1900 more "
        "no order can be wrong"
    )


def verdict(gates: list[dict[str, Any]], baseline: BaselineState, **found: float) -> Verdict:
    config = EvaluationConfig.model_validate({"gates": gates})
    judged = judge(results(measured({}, **found)), config.gates or (), config, baseline)
    return decide("new", baseline, judged)


GATES = [{"at_least": 0.4}, {"against": "baseline"}]


def test_a_first_run_skips_change_gates_and_says_so() -> None:
    # Known fault 11.
    decision = verdict(GATES, FIRST_RUN)
    assert decision.blessed
    assert "no model was blessed before" in decision.reason
    assert [gate.skipped for gate in decision.gates] == [False, False, True]
    assert not verdict(GATES, FIRST_RUN, value=0.39).blessed


def test_no_gates_still_give_a_verdict() -> None:
    # Known fault 11.
    decision = verdict([], FIRST_RUN)
    assert decision.blessed
    assert decision.reason.startswith("blessed, 1 gate passed")
    assert [gate.gate for gate in decision.gates] == ["predictions: finite for every item"]


def test_a_missing_prediction_blesses_nothing() -> None:
    decision = verdict([], FIRST_RUN, faulty=3)
    assert not decision.blessed
    assert "3 of 5000 items have no finite prediction" in decision.reason


def broken(ignored: bool) -> BaselineState:
    return BaselineState(state="broken", model="old", error="no feature price", ignored=ignored)


def test_a_broken_baseline_is_named_and_can_be_ignored() -> None:
    # Known fault 11.
    decision = verdict(GATES, broken(ignored=False))
    assert not decision.blessed
    assert "old cannot score these lists: no feature price" in decision.reason
    assert "ignore_broken_baseline" in decision.reason
    ignoring = verdict(GATES, broken(ignored=True))
    assert ignoring.blessed
    assert "no feature price" in ignoring.reason
    assert ignoring.baseline.ignored


def test_a_broken_baseline_blocks_nothing_that_needs_no_comparison() -> None:
    assert verdict([{"at_least": 0.4}], broken(ignored=False)).blessed


def test_not_blessed_says_which_slice_failed_by_how_much() -> None:
    decision = verdict([{"against": "baseline"}], COMPARED, value=0.46, change=-0.04)
    assert not decision.blessed
    assert decision.reason == (
        "not blessed, 1 gate failed: graded ndcg@10 by score: no worse than the last blessed"
        " model, overall: change -0.0400 (-0.0597 to -0.0203), -8.0% of 0.5000: worse beyond"
        " chance and more than 5% lost"
    )
