"""The reliability curve: observed rate by predicted probability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.report.charts.scale import Tick, scale_of

SIZE, LEFT, RIGHT, TOP, BOTTOM = 300, 48, 12, 10, 38


@dataclass(frozen=True)
class Point:
    """A bin in its place: `low` and `high` are the ends of the observed rate's interval."""

    x: float
    y: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class Reliability:
    """A reliability curve; bins on the diagonal are calibrated."""

    title: str
    description: str
    points: tuple[Point, ...]
    path: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    kind: str = "reliability"
    width: int = SIZE
    height: int = SIZE
    left: int = LEFT
    right: int = SIZE - RIGHT
    top: int = TOP
    floor: int = SIZE - BOTTOM


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
    across = scale_of((), LEFT, SIZE - RIGHT, always=ends)
    upwards = scale_of((), SIZE - BOTTOM, TOP, always=ends)
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
                text=_said(one),
            )
        )
    return Reliability(
        title=title,
        description="; ".join(_said(one) for one in known),
        points=tuple(points),
        path="M" + " L".join(f"{point.x:g} {point.y:g}" for point in points),
        x_ticks=across.ticks(4),
        y_ticks=upwards.ticks(4),
    )


def _said(one: Mapping[str, Any]) -> str:
    return (
        f"predicted {one['predicted']:.2%}, observed {one['observed']['value']:.2%}"
        f" of {one['items']:,} items"
    )
