from typing import Any

import pytest

from pipeline.report.earnings import (
    disagreements,
    doubts,
    earning_charts,
    main_traffic,
    verdicts,
)
from pipeline.report.page import report_page
from tests.pipeline.report.conftest import counterfactual


@pytest.fixture
def found() -> dict[str, Any]:
    return counterfactual()


def set_lift(found: dict[str, Any], low: float | None, value: float | None) -> None:
    """Of clicks in the usual order, with an interval that is as far above as below."""
    high = None if low is None or value is None else 2 * value - low
    for estimate in found["slices"][1]["targets"]["click"]["estimates"].values():
        estimate["lift"] = {"value": value, "low": low, "high": high}


def test_the_new_order_is_compared_with_the_usual_one_where_it_is_told(
    found: dict[str, Any],
) -> None:
    assert main_traffic(found) == "usual"
    del found["slices"][1:]
    assert main_traffic(found) == "all"
    assert verdicts(found)[0][1].startswith("4.0% more than what was shown (from +2.0% to +6.0%)")


@pytest.mark.parametrize(
    ("low", "value", "said"),
    [
        (0.03, 0.05, "worth an A/B test"),
        (-0.07, -0.05, "find out why"),
        # The interval would have to be half as wide: 0.08 / 0.04 is 2, and 2^2 is 4.
        (-0.04, 0.04, "about 4 times as many"),
        (-0.05, 0.001, "no difference"),
        (-0.05, 0.0, "no difference"),
        (None, None, "not measurable"),
        (None, 0.2, "not measurable"),
    ],
)
def test_a_sentence_says_what_to_do(
    found: dict[str, Any], low: float | None, value: float | None, said: str
) -> None:
    set_lift(found, low, value)
    sentences = dict(verdicts(found))
    assert said in sentences["click"]
    assert "worth an A/B test" in sentences["graded"]


def test_doubts_are_told(found: dict[str, Any]) -> None:
    said = " ".join(doubts(found))
    assert "1.0% of the items" in said
    assert "2 lists without known positions" in said
    assert "shown orders" not in said
    found["examination"]["source"] = "shown"
    assert "Lists in random order would say it" in doubts(found)[0]


def test_a_curve_of_a_corrected_model_says_so(found: dict[str, Any]) -> None:
    found["examination"] |= {"source": "shown", "corrected": True}
    assert "trained with position bias corrected" in doubts(found)[0]


def test_what_training_learnt_stands_beside_the_truth(content: dict[str, Any]) -> None:
    found = content["diagnostics"]["counterfactual"]["examination"]
    platform = next(iter(found["platforms"]))
    assert "learnt in training" not in report_page(content)
    found |= {"learnt": {platform: [1.0, 0.654]}, "truth": {platform: [1.0, 0.765]}}
    page = report_page(content)
    assert "learnt in training" in page
    assert "0.654" in page
    assert "0.765" in page


def test_estimates_that_lie_outside_of_each_other_are_told(found: dict[str, Any]) -> None:
    assert disagreements(found) == []
    free = found["slices"][3]["targets"]["click"]["estimates"]["self_normalised"]
    free["lift"] = {"value": 0.5, "low": 0.4, "high": 0.6}
    assert disagreements(found) == ["click"]
    assert "click: on lists in random order" in doubts(found)[-1]


def test_a_chart_has_the_usual_the_random_order_and_the_regions(found: dict[str, Any]) -> None:
    for chart in earning_charts(found, smallest=100):
        assert chart is not None
        assert [row.whole_label for row in chart.rows][:2] == ["usual order", "random order"]
        assert len(chart.rows) == 3
        assert all(row.faint for row in chart.rows)


def test_the_page_says_why_nothing_is_measured(content: dict[str, Any]) -> None:
    content["diagnostics"]["counterfactual"] = {
        "reason": "No <positions>.",
        "lists_left_out": 0,
        "largest_weight": 10.0,
        "examination": None,
        "slices": [],
    }
    assert "not measurable. No &lt;positions&gt;." in report_page(content)
