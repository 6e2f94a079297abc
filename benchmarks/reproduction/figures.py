"""The paper's figures, as pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.reproduction.tables import Row, of_all_lists


def draw_changes(rows: Sequence[Row], path: Path, title: str) -> None:
    """Bars of the change of each model, a panel a task.

    Models that were judged on all lists are shown by these, others by their own slice.

    Args:
        rows: the changes.
        path: the PNG file.
        title: what is shown.
    """
    rows = of_all_lists(rows)
    tasks = list(dict.fromkeys(row.task for row in rows))
    figure = _figure(3.2 * len(tasks), title)
    for panel, task in zip(figure.subplots(1, len(tasks), squeeze=False)[0], tasks, strict=True):
        own = [row for row in rows if row.task == task]
        _bars(panel, own)
        panel.set_title(task)
    _save(figure, path)


def draw_domestic(rows: Sequence[Mapping[str, Any]], first: int, path: Path, title: str) -> None:
    """The domestic share among the first listings, by region and model, beside what is bought.

    Args:
        rows: from `domestic_shares`.
        first: how many listings.
        path: the PNG file.
        title: what is shown.
    """
    rows = [row for row in rows if row["first"] == first]
    regions = list(dict.fromkeys(row["region"] for row in rows))
    models = list(dict.fromkeys(row["model"] for row in rows))
    figure = _figure(1.2 * len(regions) + 2, title)
    panel = figure.subplots()
    width = 0.8 / len(models)
    for number, model in enumerate(models):
        shares = [row["share"] for row in rows if row["model"] == model]
        panel.bar(np.arange(len(regions)) + number * width, shares, width, label=model)
    of_region = {row["region"]: row["bought"] for row in rows}
    bought = np.array([of_region[name] for name in regions], float)
    middle = np.arange(len(regions)) + (len(models) - 1) * width / 2
    panel.plot(middle, bought, "k_", markersize=24, label="truly bought")
    panel.set_xticks(middle, regions)
    panel.set_ylabel(f"share of domestic listings among the first {first}")
    panel.set_xlabel("region")
    figure.legend(loc="outside right upper")
    _save(figure, path)


def _bars(panel: Axes, rows: Sequence[Row]) -> None:
    changes = np.array([100 * row.change.relative for row in rows])
    lows, highs = (
        np.array([100 * getattr(row.change, end) for row in rows]) for end in ("low", "high")
    )
    spread = np.clip(np.stack([changes - lows, highs - changes]), 0, None)
    panel.bar(range(len(rows)), changes, yerr=spread, capsize=3, color="tab:blue")
    panel.axhline(0, color="black", linewidth=0.8)
    names = [row.model.replace(", ", "\n") for row in rows]
    panel.set_xticks(range(len(rows)), names, rotation=30, ha="right", fontsize=7)
    panel.set_ylabel("change of NDCG, %")


def _figure(width: float, title: str) -> Figure:
    figure = Figure(figsize=(width, 4.5), layout="constrained")
    figure.suptitle(title)
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=120)
