"""Share of domestic listings among the first ones, by region: Figure 7."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.cross_validation.logs import context_column, item_column
from benchmarks.reproduction.comparison import Comparison
from benchmarks.reproduction.judging import gains_of
from benchmarks.reproduction.logs import Logs
from components.evaluator.config import GRADED
from data import keys
from data.ranked import item_ranks

FIRST = (5, 10)
_FEWEST_LISTS = 100


def mean_domestic_shares(comparison: Comparison) -> list[dict[str, Any]]:
    """The shares of `domestic_shares`, as means over the seeds.

    Args:
        comparison: the models and seeds; models are ranked by the blended score.

    Returns:
        Rows as `domestic_shares` has them.
    """
    of_seeds = [
        domestic_shares(
            comparison.logs,
            {
                setup.name: comparison.scores[number, seed][GRADED]
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
        if len(np.unique(lists.list_of_item[inside])) < _FEWEST_LISTS:
            continue
        actions = np.nan_to_num(bought[inside])
        truly = float(np.average(domestic[inside], weights=actions)) if actions.any() else None
        for name, rank in ranks.items():
            for first in FIRST:
                share = float(domestic[inside & (rank <= first)].mean())
                row = {"region": place.decode(), "model": name, "first": first}
                rows.append({**row, "share": share, "bought": truly})
    return rows
