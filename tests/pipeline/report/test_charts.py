import pytest

from pipeline.report.charts.curves import Line, lines, reliability
from pipeline.report.charts.dots import Dots, Mark, Row, dots
from pipeline.report.charts.ridges import ridges
from pipeline.report.charts.scale import Scale, scale_of


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.43, 0.52, ["0.44", "0.46", "0.48", "0.50", "0.52"]),
        (-3.0, 12.0, ["0", "5", "10"]),
        (0.0, 4200.0, ["0", "1,000", "2,000", "3,000", "4,000"]),
    ],
)
def test_ticks_are_round_and_on_the_axis(low: float, high: float, expected: list[str]) -> None:
    assert [tick.label for tick in Scale(low, high, 0, 100).ticks()] == expected


@pytest.mark.parametrize("width", [1e-7, 0.3, 0.49, 1.0, 7.0, 1e9])
def test_an_axis_always_has_two_ticks_or_more(width: float) -> None:
    for low in (0.0, 0.17, -3.3):
        assert 2 <= len(Scale(low, low + width, 0, 100).ticks(4)) <= 12


def test_equal_values_and_none_at_all_have_an_axis() -> None:
    for values in ([0.5], [0.0, 0.0], [], [None], [-2.0]):
        scale = scale_of(values, 0, 100)
        assert scale.low < scale.high
    assert scale_of([0.0], 0, 100, always=(0.0,)).high > 0


def test_marks_stand_in_proportion_and_are_said_in_words() -> None:
    rows = [Row("DE", (Mark("a", "model", 0.0), Mark("b", "before", 1.0, 0.9, 1.0)))]
    chart = dots("click", "NDCG", [*rows, Row("FR", (Mark("a", "model", None),))], with_zero=True)
    assert chart is not None
    assert chart.rows[0].marks[0].x == Dots.left == chart.zero
    # A room of 4% lies behind the largest value.
    assert chart.rows[0].marks[1].x == pytest.approx(
        Dots.left + (Dots.right - Dots.left) / 1.04, 0.01
    )
    assert chart.description == (
        "DE: model 0.000, before 1.000 (95% from 0.900 to 1.000); FR: not measurable"
    )


def test_nothing_measurable_is_no_chart() -> None:
    assert dots("click", "NDCG", [Row("DE", (Mark("a", "model", None),))]) is None
    assert lines("loss", "epoch", "loss", [Line("training", ((1, None),))]) is None
    assert reliability("click", []) is None
    assert ridges("price", {"shares": {"DE": [0.0, 0.0]}}) is None


def test_a_line_breaks_where_a_value_is_unknown() -> None:
    chart = lines("loss", "epoch", "loss", [Line("a", ((1, 1.0), (2, None), (3, 2.0), (4, 1.5)))])
    assert chart is not None
    assert chart.lines[0].path.count("M") == 2
    assert chart.lines[0].path.count("L") == 1
    assert [tick.label for tick in chart.x_ticks] == ["1", "2", "3", "4"]


def test_a_training_of_one_epoch_is_a_point() -> None:
    chart = lines("loss", "epoch", "loss", [Line("a", ((1, 1.0),))])
    assert chart is not None
    assert len(chart.lines[0].dots) == 1


def test_a_calibrated_bin_stands_on_the_diagonal() -> None:
    rate = {"value": 0.2, "low": None, "high": None}
    chart = reliability("click", [{"predicted": 0.2, "observed": rate, "items": 3}])
    assert chart is not None
    (point,) = chart.points
    across = (point.x - chart.left) / (chart.right - chart.left)
    upwards = (chart.floor - point.y) / (chart.floor - chart.top)
    assert across == pytest.approx(upwards, abs=1e-3)


def test_the_highest_bar_is_the_highest_share_of_all_regions() -> None:
    found = {"edges": [0.0, 1.0, 2.0], "unit": "value", "of": "items"}
    chart = ridges("price", {**found, "shares": {"DE": [0.5, 0.5], "FR": [0.0, 1.0]}})
    assert chart is not None
    assert chart.ridges[0].path.count("Z") == 2
    assert chart.ridges[1].path.count("Z") == 1
    assert "FR mostly 1 to 2 (100%)" in chart.description
