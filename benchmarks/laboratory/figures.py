"""The paper's figures, as pictures, and the shares of domestic listings that Figure 7 shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.laboratory.comparison import Comparison
from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import context_column, gains_of, item_column
from benchmarks.laboratory.tables import Row, of_all_lists
from benchmarks.laboratory.views import FEWEST_LISTS
from components.evaluator.config import GRADED
from data.definition import keys
from data.metrics.ranked import item_ranks

# How many of the first listings Figure 7 looks at.
FIRST = (5, 10)


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


def mean_domestic_shares(comparison: Comparison) -> list[dict[str, Any]]:
    """The shares of `domestic_shares`, as means over the seeds.

    Args:
        comparison: the models and seeds; models are ranked by the score.

    Returns:
        Rows as `domestic_shares` has them.
    """
    of_seeds = [
        domestic_shares(
            comparison.logs,
            {
                setup.name: comparison.scores[number, seed].evaluation[GRADED]
                for number, setup in enumerate(comparison.setups)
            },
        )
        for seed in range(1, comparison.seeds + 1)
    ]
    return [
        {**rows[0], "share": float(np.mean([row["share"] for row in rows]))}
        for rows in zip(*of_seeds, strict=True)
    ]


def domestic_shares(logs: Logs, scores: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """How many of the first k listings are domestic, beside what is truly bought.

    Args:
        logs: the lists; their items say whether they are domestic.
        scores: of the evaluation lists' N items, float [N], by model.

    Returns:
        A row for each region of at least 100 evaluation lists, model and k: `region`, `model`,
        `first`, `share`, and `bought`, the share of domestic listings in the last task's action,
        None where it was never taken.
    """
    lists = logs.lists.take(logs.parts.evaluation)
    domestic = item_column(lists, keys.ITEM_DOMESTIC).astype(float)
    region = context_column(lists, keys.LIST_REGION)
    bought = gains_of(logs.dataset, lists)[logs.dataset.tasks[-1].name]
    ranks = {name: item_ranks(of_items, lists.list_of_item) for name, of_items in scores.items()}
    rows = []
    for place in sorted(set(region.tolist())):
        inside = (region == place) & np.isfinite(domestic)
        if len(np.unique(lists.list_of_item[inside])) < FEWEST_LISTS:
            continue
        actions = np.nan_to_num(bought[inside])
        truly = float(np.average(domestic[inside], weights=actions)) if actions.any() else None
        for name, rank in ranks.items():
            for first in FIRST:
                share = float(domestic[inside & (rank <= first)].mean())
                row = {"region": place.decode(), "model": name, "first": first}
                rows.append({**row, "share": share, "bought": truly})
    return rows
