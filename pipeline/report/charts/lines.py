"""Lines over a shared axis: training curves."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.charts.scale import Scale, Tick, scale_of

WIDTH, HEIGHT = 340, 200
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 10, 38


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


@dataclass(frozen=True)
class Lines:
    """A chart of lines.

    Attributes:
        title: what it shows.
        description: what it says, for those who do not see it.
        x_unit: of the horizontal axis.
        y_unit: of the vertical axis.
        lines: in their places.
        x_ticks: of the horizontal axis.
        y_ticks: of the vertical axis.
    """

    title: str
    description: str
    x_unit: str
    y_unit: str
    lines: tuple[PlacedLine, ...]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    kind: str = "lines"
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    floor: int = HEIGHT - BOTTOM


def lines(title: str, x_unit: str, y_unit: str, shown: Sequence[Line]) -> Lines | None:
    """Places lines.

    Args:
        title: what the chart shows.
        x_unit: of the horizontal axis, whose values are whole numbers.
        y_unit: of the vertical axis.
        shown: the lines.

    Returns:
        The chart; None where there is no point.
    """
    known = [(x, y) for line in shown for x, y in line.points if y is not None]
    if not known:
        return None
    across = scale_of((), LEFT, WIDTH - RIGHT, always=(min(known)[0], max(known)[0]))
    upwards = scale_of([y for _, y in known], HEIGHT - BOTTOM, TOP)
    return Lines(
        title=title,
        description="; ".join(map(_said, shown)),
        x_unit=x_unit,
        y_unit=y_unit,
        lines=tuple(_placed(line, across, upwards) for line in shown),
        x_ticks=across.ticks(6, whole=True),
        y_ticks=upwards.ticks(4),
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
