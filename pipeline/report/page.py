"""report.html: one page about a run that needs nothing but itself."""

from collections.abc import Mapping
from typing import Any

from data.amounts import counted
from models.training.progress import ndcg_title
from pipeline.report.arrivals import arrival_charts
from pipeline.report.charts.curves import Line, Lines, Reliability, lines, reliability
from pipeline.report.charts.dots import Dots, Mark, Row, dots
from pipeline.report.charts.ridges import Ridges, ridges
from pipeline.report.earnings import doubts, earning_charts, main_traffic, verdicts
from pipeline.report.ranking import (
    MOST_ROWS,
    beside_platform,
    cached_of,
    charts_by_slice,
    found_in,
    largest,
    main_metric,
    slice_name,
    targets,
)
from pipeline.report.rendering import render

Content = Mapping[str, Any]

# Features of a chart of importance.
MOST_FEATURES = 20
# A feature with less of all shares of a pair than this has no line of its own.
SMALL_SHARE = 0.01
# Rows of the table of drift and skew.
MOST_DISTANCES = 50
LOSS, NDCG = "loss", "_ndcg"
LINE_KINDS = "abcdef"
SECTIONS = (
    ("ranking", "Ranking", "metrics"),
    ("earnings", "Expected gain", "counterfactual"),
    ("gates", "Gates", "blessing"),
    ("importance", "Importance", "diagnostics"),
    ("pairs", "Why one item stands above another", "pairs"),
    ("calibration", "Calibration", "diagnostics"),
    ("domestic", "Domestic share", "domestic"),
    ("training", "Training", "training"),
    ("data", "Data", "counts"),
    ("attributes", "Attributes of listings", "filled"),
    ("features", "Features by region", "region_split"),
    ("components", "Components", "components"),
    ("versions", "Versions and lineage", "versions"),
)


def report_page(content: Content) -> str:
    """Renders the report of a run.

    Args:
        content: see `pipeline.report.content`; parts may be missing.

    Returns:
        The page as HTML.
    """
    diagnostics = content.get("diagnostics") or {}
    earnings = diagnostics.get("counterfactual")
    parts = ("domestic", "pairs", "counterfactual")
    found = {**content, **{part: diagnostics.get(part) for part in parts}}
    metrics = content.get("metrics") or {"slices": []}
    return render(
        "report.html",
        report=content,
        cached=cached_of(content),
        sections=[(key, title) for key, title, part in SECTIONS if found.get(part)],
        metric=main_metric(content),
        targets=targets(content),
        slices=largest(metrics["slices"], MOST_ROWS),
        hidden_slices=max(0, len(metrics["slices"]) - MOST_ROWS),
        most_distances=MOST_DISTANCES,
        found_in=found_in,
        slice_name=slice_name,
        beside_platform=beside_platform,
        main_traffic=main_traffic,
        earning_verdicts=verdicts(earnings) if earnings else [],
        earning_doubts=doubts(earnings) if earnings else [],
        shares=shares_shown,
        charts=charts_of(content),
    )


def shares_shown(pair: Content) -> list[tuple[str, tuple[str, str] | None, float]]:
    """The features of a pair with what they add; small ones stand together at the end."""
    least = SMALL_SHARE * sum(abs(one["share"]) for one in pair["features"])
    large = [one for one in pair["features"] if abs(one["share"]) >= least and one["share"]]
    small = [one["share"] for one in pair["features"] if one not in large]
    rows = [(one["feature"], one["values"], one["share"]) for one in large]
    return [*rows, (counted(len(small), "other feature"), None, sum(small))] if small else rows


def charts_of(content: Content) -> dict[str, list[Any]]:
    """All charts of a run, by section; a part that is missing has none."""
    diagnostics = content.get("diagnostics") or {}
    earnings = diagnostics.get("counterfactual")
    smallest = content["config"]["evaluation"]["smallest_slice"]
    charts: dict[str, list[Any]] = {
        "ranking": charts_by_slice(content) if targets(content) else [],
        "earnings": earning_charts(earnings, smallest) if earnings else [],
        "importance": importance_charts(diagnostics) if diagnostics else [],
        "calibration": calibration_charts(diagnostics, "calibration"),
        "uncalibrated": calibration_charts(diagnostics, "uncalibrated"),
        "calibration_by_region": region_calibration_charts(diagnostics),
        "domestic": [domestic_chart(diagnostics)] if diagnostics.get("domestic") else [],
        "training": training_charts({"": content}) if content.get("training") else [],
        "arrivals": arrival_charts(content),
        "features": feature_charts(content),
        "components": component_charts(content["components"]),
    }
    return {section: [one for one in made if one] for section, made in charts.items()}


def importance_charts(diagnostics: Content) -> list[Dots | None]:
    """A chart a target: the features that it loses most without, the most important first."""
    importance = diagnostics["importance"]
    charts = []
    for target in importance["whole"]:
        lost = {name: found[target] for name, found in importance["lost"].items()}
        known = [name for name in lost if lost[name]["value"] is not None]
        names = sorted(known, key=lambda name: -lost[name]["value"])[:MOST_FEATURES]
        rows = [
            Row(name, (Mark("a", "lost", *(lost[name][x] for x in ("value", "low", "high"))),))
            for name in names
        ]
        unit = f"{importance['metric'].upper()} lost"
        charts.append(dots(target, unit, rows, with_zero=True))
    return charts


def calibration_charts(diagnostics: Content, part: str) -> list[Reliability | None]:
    """A reliability curve a task; none where the part is missing."""
    by_task = diagnostics.get(part) or {}
    return [reliability(task, found["bins"]) for task, found in by_task.items()]


def region_calibration_charts(diagnostics: Content) -> list[Dots | None]:
    """A chart a task: mean prediction / mean label by region, before and after calibration."""
    regions = diagnostics.get("calibration_by_region") or {}
    tasks = dict.fromkeys(task for found in regions.values() for task in found)
    charts = []
    for task in tasks:
        rows = []
        for region, found in regions.items():
            if task in found:
                after, before = found[task]["pcoc"], found[task]["before"] or {"value": None}
                marks = (
                    Mark("other", "before calibration", before["value"]),
                    Mark("a", "served", after["value"], after["low"], after["high"]),
                )
                rows.append(Row(region, marks))
        charts.append(dots(task, "predicted / observed", rows))
    return charts


def domestic_chart(diagnostics: Content) -> Dots | None:
    """Domestic shares by region."""
    rows = []
    for region, found in diagnostics["domestic"].items():
        first = found["ranked_first"]
        task, acted_on = next(iter(found["acted_on"].items()))
        marks = (
            Mark("reference", "of all offered", found["offered"]),
            Mark("other", "first in the logged order", found["shown_first"]),
            Mark("b", f"of those with {task}", acted_on),
            Mark("a", "ranked first", first["value"], first["low"], first["high"]),
        )
        rows.append(Row(region, marks))
    return dots("Domestic items by region", "% of items", rows, percent=True)


def training_charts(runs: Mapping[str, Content]) -> list[Lines | None]:
    """Loss, and NDCG of validation lists, by epoch.

    Args:
        runs: reports by the name of the run, of one run or of two, with their trainings.

    Returns:
        The charts: total loss, then a chart a task, or one of all tasks for one run.
    """
    histories = {run: content["training"] for run, content in runs.items()}
    # Other figures of a report are cut off where `evaluation.ndcg_at` says.
    cut_offs = (content["config"]["training"].get("ndcg_at") for content in runs.values())
    measured = " and ".join(dict.fromkeys(map(ndcg_title, cut_offs)))
    if len(histories) == 1:
        (history,) = histories.values()
        names = [name for name in history[0]["validation"] if name.endswith(NDCG)]
        losses = [
            Line("training", _curve(history, "train", LOSS), "a"),
            Line("validation", _curve(history, "validation", LOSS), "b"),
        ]
        ndcg = [
            Line(name.removesuffix(NDCG), _curve(history, "validation", name), kind)
            for name, kind in zip(names, LINE_KINDS * len(names), strict=False)
        ]
        kept = next((entry["epoch"] for entry in history if entry.get("kept")), None)
        marked = None if kept is None else (kept, f"epoch {kept}, which is kept")
        return [
            lines("Loss", "epoch", "mean loss", losses, marked),
            lines(f"Validation lists: {measured}", "epoch", "NDCG", ndcg, marked),
        ]
    names = list(dict.fromkeys(name for one in histories.values() for name in one[0]["validation"]))
    shown = [LOSS, *(name for name in names if name.endswith(NDCG))]
    return [
        lines(
            f"Validation lists: {_title(name, measured)}",
            "epoch",
            "mean loss" if name == LOSS else "NDCG",
            [
                Line(run, _curve(history, "validation", name), kind)
                for (run, history), kind in zip(histories.items(), "ba", strict=True)
            ],
        )
        for name in shown
    ]


def _title(name: str, measured: str) -> str:
    return "loss" if name == LOSS else f"{name.removesuffix(NDCG)}, {measured}"


def _curve(history: Any, part: str, name: str) -> tuple[tuple[float, float | None], ...]:
    return tuple((entry["epoch"], entry[part].get(name)) for entry in history)


def feature_charts(content: Content) -> list[Ridges | None]:
    """Distributions by region, the features that are furthest apart first."""
    found = (content.get("distributions") or {}).get("features", {})
    split = content.get("region_split") or {}
    order = [*split.get("distances", {}), *split.get("country", ())]
    names = [name for name in order if name in found] or list(found)
    return [ridges(name, found[name]) for name in names]


def component_charts(components: Content) -> list[Dots | None]:
    """Seconds and peak memory of the components that ran."""
    ran = {name: one for name, one in components.items() if not one["cached"]}
    seconds = [Row(name, (Mark("a", "seconds", one["seconds"]),)) for name, one in ran.items()]
    memory = [
        Row(name, (Mark("a", "GB", one["peak_memory"] and one["peak_memory"] / 1e9),))
        for name, one in ran.items()
    ]
    return [
        dots("Time", "seconds", seconds, with_zero=True),
        dots("Peak memory of the process", "GB", memory, with_zero=True),
    ]
