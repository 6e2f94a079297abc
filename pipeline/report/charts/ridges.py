"""Small histograms under one another, a region each: where a feature's values lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.report.charts.chart import Chart
from pipeline.report.charts.dots import shortened
from pipeline.report.charts.scale import Scale, Tick, scale_of

ROW, TOP = 22, 4
# Room for the axis, and for the names of categories, which stand upright.
_BELOW_NUMBERS, _BELOW_NAMES = 38, 98
_MOST_LETTERS, _REGION_LETTERS = 11, 6
_BAR_GAP = 0.15


@dataclass(frozen=True)
class Ridge:
    """The histogram of a region, as the path of an SVG."""

    label: str
    y: float
    path: str


@dataclass(frozen=True, kw_only=True)
class Ridges(Chart):
    """A chart of histograms.

    Attributes:
        unit: of the axis.
        ridges: a region each.
        ticks: of an axis of numbers, or the names of categories.
        upright: whether the ticks stand upright.
        floor: where the axis is.
    """

    kind = "ridges"
    left = 44
    right = Chart.width - 10

    unit: str
    ridges: tuple[Ridge, ...]
    ticks: list[Tick]
    upright: bool
    floor: float


def ridges(title: str, found: Mapping[str, Any]) -> Ridges | None:
    """Places the histograms of a feature.

    Args:
        title: what the chart shows.
        found: see `pipeline.report.distributions.feature_distributions`.

    Returns:
        The chart; None where no region has values.
    """
    shares = {region: values for region, values in found["shares"].items() if any(values)}
    if not shares:
        return None
    highest = max(max(values) for values in shares.values())
    floor = TOP + ROW * len(shares)
    labels = found.get("labels")
    if labels:
        scale = Scale(0, len(labels), Ridges.left, Ridges.right)
        ticks = [
            Tick(scale(place + 0.5), shortened(label, _MOST_LETTERS))
            for place, label in enumerate(labels)
        ]
    else:
        edges = found["edges"]
        scale = scale_of((), Ridges.left, Ridges.right, always=(edges[0], edges[-1]))
        ticks = scale.ticks(5)
    placed = tuple(
        Ridge(
            label=shortened(region, _REGION_LETTERS),
            y=TOP + ROW * (number + 1),
            path=_path(values, scale, bool(labels), TOP + ROW * (number + 1), highest),
        )
        for number, (region, values) in enumerate(shares.items())
    )
    return Ridges(
        title=title,
        description=_description(found, shares),
        unit=f"{found['unit']} (share of {found['of']})",
        ridges=placed,
        ticks=ticks,
        upright=bool(labels),
        floor=floor,
        height=floor + (_BELOW_NAMES if labels else _BELOW_NUMBERS),
    )


def _path(values: list[float], scale: Scale, apart: bool, y: float, highest: float) -> str:
    """Bars that touch, or stand apart for categories."""
    bins = len(values)
    steps = [scale.low + (scale.high - scale.low) * place / bins for place in range(bins + 1)]
    gap = _BAR_GAP * (scale.high - scale.low) / bins if apart else 0.0
    parts = []
    for place, value in enumerate(values):
        left, right = scale(steps[place] + gap), scale(steps[place + 1] - gap)
        top = y - (ROW - 3) * value / highest
        if value > 0:
            parts.append(f"M{left:g} {y:g}V{top:.1f}H{right:g}V{y:g}Z")
    return "".join(parts)


def _description(found: Mapping[str, Any], shares: Mapping[str, list[float]]) -> str:
    """Where most values of each region lie."""
    said = []
    for region, values in shares.items():
        place = max(range(len(values)), key=values.__getitem__)
        if found.get("labels"):
            where = found["labels"][place]
        else:
            where = f"{found['edges'][place]:.3g} to {found['edges'][place + 1]:.3g}"
        said.append(f"{region} mostly {where} ({values[place]:.0%})")
    return "; ".join(said)
