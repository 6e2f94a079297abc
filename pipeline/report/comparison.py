"""Two runs side by side: the page, and what changed from the first to the second."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.report.charts.dots import Dots, Mark, Row, dots
from pipeline.report.page import MOST_FEATURES, training_charts
from pipeline.report.ranking import (
    MOST_BARS,
    MOST_ROWS,
    cached_of,
    found_in,
    lists_in,
    main_metric,
    slice_name,
    targets,
)
from pipeline.report.rendering import UNKNOWN, render

Content = Mapping[str, Any]

SIDES = ("country", "dependent", "invariant")
_COUNTS = ("rows_in", "rows_out", "rows_set_aside", "lists_cut")


def comparison_page(first: Content, second: Content, names: Sequence[str]) -> str:
    """Renders the page that sets two runs side by side.

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
        title=title_of(first, second),
        cached_of=cached_of,
        warnings=warnings_of(first, second),
        metric=metric,
        smallest=smallest,
        targets=shared,
        pairs=pairs[:MOST_ROWS],
        metric_pair=metric_pair,
        difference=difference,
        apart=apart,
        slice_name=slice_name,
        counts=count_rows(first, second),
        moved=moved_features(first, second),
        settings=changed_settings(first, second),
        components=component_rows(first, second),
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
        found = importance_rows(first, second, target)[:MOST_FEATURES]
        rows = [Row(name, _marks(before, after)) for name, before, after in found]
        charts.append(dots(target, "NDCG lost", rows, with_zero=True))
    return charts


def _marks(before: Any, after: Any) -> tuple[Mark, ...]:
    ends = ("value", "low", "high")
    first, second = ([(one or {}).get(end) for end in ends] for one in (before, after))
    return Mark("b", "first", *first), Mark("a", "second", *second)


def _training(first: Content, second: Content) -> list[Any]:
    if not (first.get("training") and second.get("training")):
        return []
    return training_charts({"first": first, "second": second})


def title_of(first: Content, second: Content) -> str:
    """What the page is called: by the datasets, one or two."""
    names = dict.fromkeys(one["dataset"]["name"] for one in (first, second))
    return f"Two runs of {' and '.join(names)}"


def warnings_of(first: Content, second: Content) -> list[str]:
    """Why figures of the two runs may not be comparable."""
    said = []
    if first["dataset"]["name"] != second["dataset"]["name"]:
        names = f"{first['dataset']['name']} and {second['dataset']['name']}"
        said.append(f"The runs are of different datasets: {names}.")
    if main_metric(first) != main_metric(second):
        said.append(
            f"The first is judged by {main_metric(first)}, the second by {main_metric(second)}."
        )
    if examples_of(first) != examples_of(second):
        said.append(
            "The runs were evaluated on different lists, or it is not known: a difference may come "
            "from the lists as well as from the model."
        )
    return said


def examples_of(content: Content) -> str | None:
    """Where the lists of a run are."""
    outputs = (found for one in content["lineage"] for found in one["outputs"])
    return next((found["uri"] for found in outputs if found["key"] == "examples"), None)


def slice_pairs(first: Content, second: Content) -> list[tuple[dict[str, str], Any, Any]]:
    """Slices that both runs measured, in the order of the second: slice, first, second."""
    before = {_key(part["slice"]): part for part in _slices(first)}
    after = ((_key(part["slice"]), part) for part in _slices(second))
    return [(part["slice"], before[key], part) for key, part in after if key in before]


def difference(first: Any, second: Any) -> float | None:
    """Second minus first of two metrics, where both are known."""
    before, after = ((one or {}).get("value") for one in (first, second))
    return None if before is None or after is None else after - before


def apart(first: Any, second: Any) -> bool:
    """Whether the intervals of two metrics do not meet."""
    ends: list[Any] = [(one or {}).get(end) for one in (first, second) for end in ("low", "high")]
    return None not in ends and (ends[1] < ends[2] or ends[3] < ends[0])


def count_rows(first: Content, second: Content) -> list[tuple[str, Any, Any]]:
    """Counts of rows and lists."""
    before, after = (_numbers(one.get("counts") or {}) for one in (first, second))
    names = dict.fromkeys([*before, *after])
    return [(name, before.get(name), after.get(name)) for name in names]


def moved_features(first: Content, second: Content) -> list[tuple[str, str, str]]:
    """Features that changed sides: name, side before, side after."""
    before, after = (_side_of(one.get("region_split") or {}) for one in (first, second))
    return _differing(before, after)


def changed_settings(first: Content, second: Content) -> list[tuple[str, str, str]]:
    """Settings, versions and seed that differ: name, before, after."""
    before, after = (dict(_flat("", _settings(one))) for one in (first, second))
    return _differing(before, after)


def component_rows(first: Content, second: Content) -> list[tuple[str, Any, Any]]:
    """Components of both runs with what they took."""
    before, after = first["components"], second["components"]
    names = dict.fromkeys([*before, *after])
    return [(name, before.get(name), after.get(name)) for name in names]


def importance_rows(first: Content, second: Content, target: str) -> list[tuple[str, Any, Any]]:
    """Importance of the features for a target, what is most important in the second run first."""
    lost = [
        ((one.get("diagnostics") or {}).get("importance") or {}).get("lost", {})
        for one in (first, second)
    ]
    names = dict.fromkeys(name for one in lost for name in one)
    rows = [(name, *(one.get(name, {}).get(target) for one in lost)) for name in names]
    return sorted(rows, key=lambda row: -_largest(row[2], row[1]))


def metric_pair(first: Any, second: Any, target: str, metric: str) -> tuple[Any, Any]:
    """The metric of a target in the same slice of both runs."""
    return found_in(first, target, metric), found_in(second, target, metric)


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    names = dict.fromkeys([*before, *after])
    rows = [(name, before.get(name, UNKNOWN), after.get(name, UNKNOWN)) for name in names]
    return [row for row in rows if row[1] != row[2]]


def _numbers(counts: Content) -> dict[str, int]:
    rows = {name.replace("_", " "): counts[name] for name in _COUNTS if name in counts}
    lists = {f"{split} lists": number for split, number in counts.get("lists", {}).items()}
    return {**rows, **lists}


def _largest(*found: Any) -> float:
    values = [(one or {}).get("value") for one in found]
    return next((value for value in values if value is not None), float("-inf"))


def _slices(content: Content) -> list[Any]:
    return (content.get("metrics") or {}).get("slices", [])


def _key(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(values.items())


def _side_of(split: Content) -> dict[str, str]:
    return {name: side for side in SIDES for name in split.get(side, ())}


def _settings(content: Content) -> dict[str, Any]:
    return {**content["config"], "seed": content["seed"], "versions": content["versions"]}


def _flat(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _flat(f"{place}.{name}" if place else str(name), one)
    else:
        yield place, "none" if value is None else str(value)
