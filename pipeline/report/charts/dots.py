"""Rows of marks with intervals on one axis: metrics by slice, importance, shares by region."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pipeline.report.charts.chart import Chart
from pipeline.report.charts.scale import Scale, Tick, scale_of

ROW, TOP = 22, 6
# What fits beside the axis in the size of the labels.
_MOST_LETTERS = 17


@dataclass(frozen=True)
class Mark:
    """One value of a row.

    Attributes:
        kind: its symbol and colour: `a`, `b`, `reference` or `other`.
        name: what it is, for those who read it.
        value: the value; None draws nothing.
        low: lower end of its interval.
        high: upper end of its interval.
    """

    kind: str
    name: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        label: what stands beside it.
        marks: its values, the last one on top.
        faint: whether it is too small to judge by.
    """

    label: str
    marks: tuple[Mark, ...]
    faint: bool = False


@dataclass(frozen=True)
class PlacedMark:
    """A mark in its place."""

    kind: str
    x: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class PlacedRow:
    """A row in its place."""

    label: str
    whole_label: str
    y: float
    faint: bool
    marks: tuple[PlacedMark, ...]


@dataclass(frozen=True, kw_only=True)
class Dots(Chart):
    """A chart of rows with marks.

    Attributes:
        bottom: room below the rows.
        unit: of the axis.
        rows: in their places.
        ticks: of the axis.
        zero: place of the line at 0; None where 0 is not on the axis.
    """

    kind = "dots"
    left = 112
    right = Chart.width - 10
    bottom: ClassVar[int] = 40

    unit: str
    rows: tuple[PlacedRow, ...]
    ticks: list[Tick]
    zero: float | None


def dots(
    title: str, unit: str, rows: Sequence[Row], with_zero: bool = False, percent: bool = False
) -> Dots | None:
    """Places rows.

    Args:
        title: what the chart shows.
        unit: of the values.
        rows: from the top on.
        with_zero: whether the axis shows 0.
        percent: whether values are written as percentages.

    Returns:
        The chart; None where there is nothing to show.
    """
    marks = [mark for row in rows for mark in row.marks if mark.value is not None]
    if not marks:
        return None
    values = [value for mark in marks for value in (mark.value, mark.low, mark.high)]
    factor = 100.0 if percent else 1.0
    values = [None if value is None else factor * value for value in values]
    scale = scale_of(values, Dots.left, Dots.right, always=(0.0,) if with_zero else ())
    placed = tuple(
        _placed(row, TOP + ROW * (number + 0.5), scale, factor) for number, row in enumerate(rows)
    )
    return Dots(
        title=title,
        description=_description(rows, percent),
        unit=unit,
        height=TOP + ROW * len(rows) + Dots.bottom,
        rows=placed,
        ticks=scale.ticks(4),
        zero=scale(0.0) if scale.low <= 0 <= scale.high else None,
    )


def _placed(row: Row, y: float, scale: Scale, factor: float) -> PlacedRow:
    marks = tuple(
        PlacedMark(
            kind=mark.kind,
            x=scale(factor * mark.value),
            low=None if mark.low is None else scale(factor * mark.low),
            high=None if mark.high is None else scale(factor * mark.high),
            text=f"{row.label}, {mark.name}: {_said(mark, factor > 1)}",
        )
        for mark in row.marks
        if mark.value is not None
    )
    return PlacedRow(shortened(row.label), row.label, y, row.faint, marks)


def shortened(label: str, letters: int = _MOST_LETTERS) -> str:
    """The label as far as there is room."""
    return label if len(label) <= letters else f"{label[: letters - 1]}…"


def _description(rows: Sequence[Row], percent: bool) -> str:
    said = []
    for row in rows:
        marks = [
            f"{mark.name} {_said(mark, percent)}" for mark in row.marks if mark.value is not None
        ]
        said.append(f"{row.label}: {', '.join(marks) or 'not measurable'}")
    return "; ".join(said)


def _said(mark: Mark, percent: bool) -> str:
    def text(value: float | None) -> str:
        return "" if value is None else f"{value:.1%}" if percent else f"{value:.3f}"

    if mark.low is None or mark.high is None:
        return text(mark.value)
    return f"{text(mark.value)} (95% from {text(mark.low)} to {text(mark.high)})"
