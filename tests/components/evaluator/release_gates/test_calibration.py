from typing import Any

import pytest

from components.evaluator.config import EvaluationConfig
from components.evaluator.plan import Slice
from components.evaluator.release_gates.calibration import judge_calibration
from components.evaluator.results import BaselineState, Estimate, Results, SliceResults, Target
from components.evaluator.verdict import decide


def measured(values: Slice, pcoc: float, half: float, lists: int = 500) -> SliceResults:
    found = Estimate(value=pcoc, low=pcoc - half, high=pcoc + half, standard_error=half / 2)
    click = Target(lists_counted=lists, lists_not_counted=0, positives=lists, pcoc=found)
    graded = Target(lists_counted=lists, lists_not_counted=0, positives=lists)
    return SliceResults(
        slice=values,
        lists=lists,
        items=10 * lists,
        faulty_predictions={"candidate": 0},
        targets={"click": click, "graded": graded},
    )


def judged(*slices: SliceResults, **config: Any) -> list[Any]:
    results = Results(confidence=0.95, replicates=200, candidate="new", slices=slices)
    return list(judge_calibration(results, EvaluationConfig.model_validate(config)))


@pytest.mark.parametrize(
    ("pcoc", "half", "too"),
    [
        (1.04, 0.01, ""),
        # Level: 1.2 -+ 0.2 reaches down to 1.05, and 1.2 -+ 0.1 does not.
        (1.2, 0.2, ""),
        (1.2, 0.1, "high"),
        (0.8, 0.2, ""),
        (0.8, 0.1, "low"),
    ],
)
def test_the_interval_must_reach_into_the_gap(pcoc: float, half: float, too: str) -> None:
    (result,) = judged(measured({}, pcoc, half), calibration="refuse")
    assert result.gate == "click probabilities: predicted / observed within 0.95 and 1.05"
    assert result.passed == (not too)
    assert (f"too {too}" in result.why) == bool(too)
    assert ("within chance" in result.why) == (not too and pcoc != 1.04)
    (result,) = judged(measured({}, pcoc, half), calibration="refuse", largest_calibration_gap=0.3)
    assert result.passed


def test_it_warns_by_default_and_says_so_in_the_verdict() -> None:
    told = judged(measured({}, 2.0, 0.1), measured({"region": "DE"}, 3.0, 0.1))
    assert [(one.passed, one.warned) for one in told] == [(None, True)] * 2
    verdict = decide("new", BaselineState(state="none"), tuple(told))
    assert verdict.blessed
    assert verdict.reason.endswith(
        "warning: click probabilities: predicted / observed within 0.95 and 1.05, overall: "
        "2.000 (1.901 to 2.099): too high (and 1 more in the report)"
    )


def test_many_regions_are_read_together() -> None:
    """Fifty regions: one that is off by 2.5 deviations is chance, one that is by 5 is not."""
    regions = [measured({"region": f"{n:02}"}, 1.0, 0.2) for n in range(48)]
    # Half of an interval is two deviations of .1 each; the gap ends at 1.05.
    found = judged(
        *regions,
        measured({"region": "chance"}, 1.05 + 2.5 * 0.1, 0.2),
        measured({"region": "wrong"}, 1.05 + 5 * 0.1, 0.2),
        calibration="refuse",
    )
    failed = [one.slice["region"] for one in found if not one.passed]
    assert failed == ["wrong"]
    assert "Holm over 50" in found[-1].why
    # Alone, the first would have failed: Student's quantile is 1.97.
    (alone,) = judged(measured({"region": "chance"}, 1.05 + 2.5 * 0.1, 0.2), calibration="refuse")
    assert not alone.passed


def test_a_slice_without_an_interval_is_told() -> None:
    plain = measured({}, 1.0, 0.1)
    click = plain.targets["click"].model_copy(update={"pcoc": Estimate(value=3.0)})
    (result,) = judged(plain.model_copy(update={"targets": {"click": click}}))
    assert (result.skipped, result.passed, result.why) == (
        True,
        None,
        "not measurable: no interval",
    )


@pytest.mark.parametrize("off", ["off", False])
def test_off_does_not_ask(off: Any) -> None:
    assert judged(measured({}, 2.0, 0.1), calibration=off) == []


def test_regions_and_platforms_that_are_large_enough_are_asked() -> None:
    slices: list[Slice] = [{}, {"region": "DE"}, {"platform": "web"}, {"randomised": "true"}]
    slices.append({"region": "DE", "platform": "web"})
    found = judged(*(measured(values, 2.0, 0.1) for values in slices))
    assert [one.slice for one in found] == [slices[0], slices[2], slices[1]]
    assert judged(measured({}, 2.0, 0.1, lists=99)) == []
