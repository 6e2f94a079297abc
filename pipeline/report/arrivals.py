"""How labels came in over time, by region: of lists whose windows have closed."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from pipeline.report.charts.curves import Line, Lines, lines

Content = Mapping[str, Any]

KINDS = "abcdef"
# Fewer actions say little of when they come.
FEWEST_ACTIONS = 20
_DAY, _HOUR = 86_400, 3_600


def arrival_charts(content: Content) -> list[Lines | None]:
    """A chart a task: the share of its actions that had come some time after the list, by region.

    Args:
        content: of a report.

    Returns:
        The charts; the regions with most actions have a line each.
    """
    counts = content.get("counts") or {}
    dataset = content.get("windows") or {}
    return [
        _chart(task, dataset[task], by_region)
        for task, by_region in counts.get("arrivals", {}).items()
        if task in dataset
    ]


def _chart(task: str, seconds: int, by_region: Mapping[str, Sequence[int]]) -> Lines | None:
    unit, size = ("days", _DAY) if seconds >= 2 * _DAY else ("hours", _HOUR)
    large = {name: came for name, came in by_region.items() if sum(came) >= FEWEST_ACTIONS}
    shown = sorted(large, key=lambda name: -sum(large[name]))[: len(KINDS)]
    drawn = []
    for name, kind in zip(shown, KINDS, strict=False):
        total = sum(large[name])
        shares = [0.0, *(came / total for came in accumulate(large[name]))]
        step = seconds / size / (len(shares) - 1)
        points = tuple((place * step, share) for place, share in enumerate(shares))
        drawn.append(Line(f"{name} ({total:,})", points, kind))
    return lines(task, f"{unit} after the list", "share that had come", drawn)
