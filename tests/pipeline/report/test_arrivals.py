"""How labels came in over time, on the page."""

from typing import Any

import pytest

from pipeline.report.arrivals import arrival_charts
from pipeline.report.page import report_page

DAY = 86_400


def _late(content: dict[str, Any], seconds: int = 10 * DAY) -> dict[str, Any]:
    counts = {
        **content["counts"],
        "lists_open": {"click": {"train": 12, "validation": 3, "eval": 4}},
        "actions_after_window": {"click": 5},
        "actions_taken_back": {"click": 6},
        "arrivals": {
            "click": {
                "DE": [10, 10, *[0] * 7, 20],
                "FR": [0, 30, *[0] * 8],
                "FI": [19, *[0] * 9],
            }
        },
    }
    return {**content, "counts": counts, "windows": {"click": seconds}}


def test_a_line_says_which_share_had_come_by_region(content: dict[str, Any]) -> None:
    (chart,) = arrival_charts(_late(content))
    assert chart is not None
    assert chart.x_unit == "days after the list"
    # The region with most actions first; nineteen say too little.
    assert [line.name for line in chart.lines] == ["DE (40)", "FR (30)"]
    assert chart.description.startswith("DE (40): from 0.000 to 1.000")
    heights = [y for _, y in chart.lines[0].dots]
    # Nothing at first, a quarter after a day, half after two and until the ninth.
    floor, top = heights[0], heights[-1]
    shares = [(floor - height) / (floor - top) for height in heights]
    assert shares == pytest.approx([0, 0.25, *[0.5] * 8, 1], abs=1e-3)


def test_short_windows_are_shown_in_hours(content: dict[str, Any]) -> None:
    (chart,) = arrival_charts(_late(content, seconds=DAY))
    assert chart is not None
    assert chart.x_unit == "hours after the list"


def test_the_page_tells_of_labels_that_come_late(content: dict[str, Any]) -> None:
    page = report_page(_late(content))
    for words in (
        "<h3>Labels that come late</h3>",
        "the window of 19 lists of",
        "(12 to train on, 4 to evaluate on): too early to say.",
        "5 actions after the window count as not done.",
        "6 actions were taken back.",
        'id="arrivals-1-title"',
    ):
        assert words in page, words
    assert "Labels that come late" not in report_page(content)
