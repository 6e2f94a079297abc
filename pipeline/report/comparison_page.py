"""The page that sets two runs side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.report import comparison
from pipeline.report.charts.dots import Dots, Mark, Row, dots
from pipeline.report.comparison import metric_pair, slice_pairs
from pipeline.report.page import MOST_FEATURES, training_charts
from pipeline.report.ranking import (
    MOST_BARS,
    MOST_ROWS,
    lists_in,
    main_metric,
    slice_name,
    targets,
)
from pipeline.report.rendering import render

Content = Mapping[str, Any]


def comparison_page(first: Content, second: Content, names: Sequence[str]) -> str:
    """Renders the comparison.

    Args:
        first: the report of the older run, see `pipeline.report.content`.
        second: the report of the newer run.
        names: what the runs are called.

    Returns:
        The page as HTML.
    """
    metric = main_metric(second)
    shared = [target for target in targets(second) if target in targets(first)]
    pairs = slice_pairs(first, second)
    smallest = second["config"]["evaluation"]["smallest_slice"]
    return render(
        "comparison.html",
        runs=list(zip(("First", "Second"), names, (first, second), strict=True)),
        title=comparison.title(first, second),
        cached_of=comparison.cached_of,
        warnings=comparison.warnings(first, second),
        metric=metric,
        smallest=smallest,
        targets=shared,
        pairs=pairs[:MOST_ROWS],
        metric_pair=metric_pair,
        difference=comparison.difference,
        apart=comparison.apart,
        slice_name=slice_name,
        counts=comparison.count_rows(first, second),
        moved=comparison.moved_features(first, second),
        settings=comparison.changed_settings(first, second),
        components=comparison.component_rows(first, second),
        charts={
            "ranking": [one for one in _ranking(pairs, shared, metric, smallest) if one],
            "importance": [one for one in _importance(first, second, shared) if one],
            "training": [one for one in _training(first, second) if one],
        },
    )


def _ranking(
    pairs: Sequence[Any], shared: Sequence[str], metric: str, smallest: int
) -> list[Dots | None]:
    single = [pair for pair in pairs if len(pair[0]) <= 1][:MOST_BARS]
    charts = []
    for target in shared:
        rows = []
        for values, before, after in single:
            found = metric_pair(before, after, target, metric)
            faint = any(lists_in(part, target) < smallest for part in (before, after))
            rows.append(Row(slice_name(values), _marks(*found), faint))
        charts.append(dots(target, metric.upper(), rows))
    return charts


def _importance(first: Content, second: Content, shared: Sequence[str]) -> list[Dots | None]:
    charts = []
    for target in shared:
        found = comparison.importance_rows(first, second, target)[:MOST_FEATURES]
        rows = [Row(name, _marks(before, after)) for name, before, after in found]
        charts.append(dots(target, "NDCG lost", rows, with_zero=True))
    return charts


def _marks(before: Any, after: Any) -> tuple[Mark, ...]:
    ends = ("value", "low", "high")
    first, second = ([(one or {}).get(end) for end in ends] for one in (before, after))
    return Mark("b", "first", *first), Mark("a", "second", *second)


def _training(first: Content, second: Content) -> list[Any]:
    histories = {
        name: one["training"]
        for name, one in (("first", first), ("second", second))
        if one.get("training")
    }
    return training_charts(histories) if len(histories) > 1 else []
