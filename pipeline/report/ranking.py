"""Ranking metrics by slice, as tables and charts show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.evaluator.config import headline_metric
from pipeline.report.charts.dots import Dots, Mark, Row, dots

Content = Mapping[str, Any]

RANKING = "score"
# Rows of a chart, and of a table; report.json has all.
MOST_BARS, MOST_ROWS = 24, 150


def main_metric(content: Content) -> str:
    """The metric that the page shows."""
    return headline_metric(content["config"]["evaluation"]["ndcg_at"])


def cached_of(content: Content) -> int:
    """How many components of a run were answered from the cache."""
    return sum(one["cached"] for one in content["components"].values())


def slice_name(values: Mapping[str, str]) -> str:
    """The name of a slice on the page."""
    if not values:
        return "all lists"
    if set(values) == {"randomised"}:
        return "random order" if values["randomised"] == "true" else "usual order"
    return ", ".join(map(str, values.values()))


def beside_platform(values: Mapping[str, str]) -> str:
    """What else than the platform a slice goes by, beside which its platform stands."""
    others = {column: value for column, value in values.items() if column != "platform"}
    return slice_name(others) if others else "every region"


def found_in(part: Mapping[str, Any], target: str, metric: str, order: str = RANKING) -> Any:
    """The metric of a target in a slice; None where it was not measured.

    An interval of few lists, which is symmetric, ends where the metric does: at 0 and at 1.
    """
    rankings = part["targets"].get(target, {}).get("rankings", {})
    found = rankings.get(order, {}).get(metric)
    if found is None or found.get("low") is None:
        return found
    return {**found, "low": max(found["low"], 0.0), "high": min(found["high"], 1.0)}


def lists_in(part: Mapping[str, Any], target: str) -> int:
    """Lists of a slice that count for a target."""
    return part["targets"].get(target, {}).get("lists_counted", 0)


def targets(content: Content) -> list[str]:
    """The tasks, and `graded`, where there are results."""
    parts = content["metrics"]["slices"] if "metrics" in content else ()
    return list(parts[0]["targets"]) if parts else []


def largest(parts: Sequence[Any], most: int) -> list[Any]:
    """The slices with most lists in their own order; the overall one is always among them."""
    by_size = sorted(range(len(parts)), key=lambda place: -parts[place]["lists"])[:most]
    return [parts[place] for place in sorted(by_size)]


def charts_by_slice(content: Content) -> list[Dots]:
    """A chart a target: the metric in every slice that goes by one column."""
    metric, smallest = main_metric(content), content["config"]["evaluation"]["smallest_slice"]
    parts = [part for part in content["metrics"]["slices"] if len(part["slice"]) <= 1]
    charts = []
    for target in targets(content):
        rows = [_row(part, target, metric, smallest) for part in largest(parts, MOST_BARS)]
        charts.append(dots(target, metric.upper(), rows))
    return [chart for chart in charts if chart]


def _row(part: Mapping[str, Any], target: str, metric: str, smallest: int) -> Row:
    orders = (("reference", "random"), ("other", "logged"))
    marks = [
        Mark(kind, f"{order} order", (found_in(part, target, metric, order) or {}).get("value"))
        for kind, order in orders
    ]
    found = found_in(part, target, metric) or {}
    before = found.get("baseline") or {}
    marks.append(Mark("b", "last blessed model", before.get("value")))
    model = (found.get(end) for end in ("value", "low", "high"))
    marks.append(Mark("a", "this model", *model))
    return Row(slice_name(part["slice"]), tuple(marks), faint=lists_in(part, target) < smallest)
