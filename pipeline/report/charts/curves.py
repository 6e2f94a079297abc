"""Curves over two axes: training by epoch, and the observed rate by predicted probability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.report.charts.chart import Plane
from pipeline.report.charts.scale import Scale, Tick, scale_of

HEIGHT = 200
# Of the square of a reliability curve.
SIZE = 300
_RIGHT, _BELOW = 12, 38


@dataclass(frozen=True)
class Line:
    """A line of points.

    Attributes:
        name: what it is.
        points: (x, y); y is None where it is not known.
        kind: its colour and dashes: `a`, `b`, `c`, `d`, `e` or `f`.
    """

    name: str
    points: tuple[tuple[float, float | None], ...]
    kind: str = "a"


@dataclass(frozen=True)
class PlacedLine:
    """A line in its place.

    Attributes:
        name: what it is.
        kind: its colour and dashes.
        path: of an SVG; the line breaks where values are unknown.
        dots: (x, y) of the points.
    """

    name: str
    kind: str
    path: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Lines(Plane):
    """A chart of lines.

    Attributes:
        x_unit: of the horizontal axis.
        y_unit: of the vertical axis.
        lines: in their places.
        marked: place of the value that a line across marks, and its text; None for none.
    """

    kind = "lines"
    left = 60
    right = Plane.width - _RIGHT
    floor = HEIGHT - _BELOW

    height: float = HEIGHT
    x_unit: str
    y_unit: str
    lines: tuple[PlacedLine, ...]
    marked: Tick | None = None


def lines(
    title: str,
    x_unit: str,
    y_unit: str,
    shown: Sequence[Line],
    marked: tuple[float, str] | None = None,
) -> Lines | None:
    """Places lines.

    Args:
        title: what the chart shows.
        x_unit: of the horizontal axis, whose values are whole numbers.
        y_unit: of the vertical axis.
        shown: the lines.
        marked: a value of the horizontal axis, and what it is.

    Returns:
        The chart; None where there is no point.
    """
    known = [(x, y) for line in shown for x, y in line.points if y is not None]
    if not known:
        return None
    across = scale_of((), Lines.left, Lines.right, always=(min(known)[0], max(known)[0]))
    upwards = scale_of([y for _, y in known], Lines.floor, Lines.top)
    said = list(map(_said, shown))
    if marked:
        said.append(f"marked: {marked[1]}")
    return Lines(
        title=title,
        description="; ".join(said),
        x_unit=x_unit,
        y_unit=y_unit,
        lines=tuple(_placed(line, across, upwards) for line in shown),
        x_ticks=across.ticks(6, whole=True),
        y_ticks=upwards.ticks(4),
        marked=Tick(across(marked[0]), marked[1]) if marked else None,
    )


def _placed(line: Line, across: Scale, upwards: Scale) -> PlacedLine:
    path, dots, broken = [], [], True
    for x, y in line.points:
        if y is None:
            broken = True
            continue
        place = across(x), upwards(y)
        dots.append(place)
        path.append(f"{'M' if broken else 'L'}{place[0]:g} {place[1]:g}")
        broken = False
    return PlacedLine(line.name, line.kind, " ".join(path), tuple(dots))


def _said(line: Line) -> str:
    values = [y for _, y in line.points if y is not None]
    if not values:
        return f"{line.name}: not measurable"
    return f"{line.name}: from {values[0]:.3f} to {values[-1]:.3f}, lowest {min(values):.3f}, " + (
        f"highest {max(values):.3f}"
    )


@dataclass(frozen=True)
class Point:
    """A bin in its place: `low` and `high` are the ends of the observed rate's interval."""

    x: float
    y: float
    low: float
    high: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Reliability(Plane):
    """A reliability curve; bins on the diagonal are calibrated.

    Attributes:
        points: a bin each.
        path: that joins them.
    """

    kind = "reliability"
    width = SIZE
    left = 48
    right = SIZE - _RIGHT
    floor = SIZE - _BELOW

    height: float = SIZE
    points: tuple[Point, ...]
    path: str


def reliability(title: str, bins: Sequence[Mapping[str, Any]]) -> Reliability | None:
    """Places the bins.

    Args:
        title: what the chart shows.
        bins: see `components.diagnostics.results.CalibrationBin`.

    Returns:
        The chart; None without a bin.
    """
    known = [one for one in bins if one["observed"]["value"] is not None]
    if not known:
        return None
    highest = max(
        max(one["predicted"], one["observed"]["high"] or one["observed"]["value"]) for one in known
    )
    ends = (0.0, 105 * highest or 1.0)
    across = scale_of((), Reliability.left, Reliability.right, always=ends)
    upwards = scale_of((), Reliability.floor, Reliability.top, always=ends)
    points = []
    for one in known:
        rate = one["observed"]
        low, high = (rate["value"] if rate[end] is None else rate[end] for end in ("low", "high"))
        points.append(
            Point(
                x=across(100 * one["predicted"]),
                y=upwards(100 * rate["value"]),
                low=upwards(100 * low),
                high=upwards(100 * high),
                text=_said_of_bin(one),
            )
        )
    return Reliability(
        title=title,
        description="; ".join(_said_of_bin(one) for one in known),
        points=tuple(points),
        path="M" + " L".join(f"{point.x:g} {point.y:g}" for point in points),
        x_ticks=across.ticks(4),
        y_ticks=upwards.ticks(4),
    )


def _said_of_bin(one: Mapping[str, Any]) -> str:
    return (
        f"predicted {one['predicted']:.2%}, observed {one['observed']['value']:.2%}"
        f" of {one['items']:,} items"
    )
