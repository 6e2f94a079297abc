"""How far probabilities lie from the true ones, which only a simulation knows."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.laboratory.comparison import Comparison
from benchmarks.laboratory.measures import item_column
from data.definition import keys
from data.metrics.changes import Change, Resamples
from data.metrics.ranked import list_sums

# Probabilities are kept in 32 bits, where 1 - p of a small p is rounded.
_LEAST = 1e-7


class ErrorRow(NamedTuple):
    """A model's error on a task.

    Attributes:
        model: name of the setup.
        against: name of the setup that its change is measured against.
        task: the task.
        change: of the mean divergence over lists and seeds; `ndcg` is the mean itself.
    """

    model: str
    against: str
    task: str
    change: Change


def divergence(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """KL(p || q) = p log(p / q) + (1 - p) log((1 - p) / (1 - q)) of each item.

    Args:
        truth: p, the true probability, float [N].
        found: q, a model's, float [N].

    Returns:
        float [N].
    """
    p, q = (np.clip(np.asarray(one, np.float64), _LEAST, 1 - _LEAST) for one in (truth, found))
    return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))


def error_rows(comparison: Comparison) -> list[ErrorRow]:
    """The error of each setup and task, and its change against the setup that it stands against.

    An error is the mean over evaluation lists, each list by the mean of its items.

    Args:
        comparison: setups whose logs know the true probabilities.

    Returns:
        The rows.
    """
    lists = comparison.logs.lists.take(comparison.logs.parts.evaluation)
    resamples = Resamples(lists.context[keys.LIST_USER])
    rows = []
    for task in comparison.logs.dataset.tasks:
        truth = item_column(lists, keys.truth(task.name))
        errors = {}
        for number, setup in enumerate(comparison.setups):
            of_items = [
                divergence(truth, scores.evaluation[task.name])
                for scores in comparison.of_seeds(number)
            ]
            sums = [list_sums(one, lists.list_of_item, len(lists)) for one in of_items]
            errors[setup.name] = np.stack(sums) / lists.row_lengths
        for setup in comparison.setups:
            change = resamples.change(errors[setup.name], errors[setup.against])
            rows.append(ErrorRow(setup.name, setup.against, task.name, change))
    return rows


def write_errors(rows: Sequence[ErrorRow], folder: Path, name: str) -> str:
    """Writes `NAME_probabilities.json`.

    Args:
        rows: from `error_rows`.
        folder: where it goes.
        name: such as `task_dependence_sparse`.

    Returns:
        What people are to read of it, Markdown.
    """
    found = [
        {
            "model": row.model,
            "against": row.against,
            "task": row.task,
            "divergence": row.change.ndcg,
            "relative": row.change.relative,
            "low": row.change.low,
            "high": row.change.high,
            "lists": row.change.lists,
        }
        for row in rows
    ]
    (folder / f"{name}_probabilities.json").write_text(json.dumps(found, indent=2) + "\n")
    tasks = list(dict.fromkeys(row.task for row in rows))
    cells = {(row.model, row.task): _cell(row) for row in rows}
    lines = ["Error of probabilities, KL in 1e-3, and its change in % with the 95% interval:", ""]
    lines += [f"| model | {' | '.join(tasks)} |", f"|{' --- |' * (len(tasks) + 1)}"]
    for model in dict.fromkeys(row.model for row in rows):
        lines.append(f"| {model} | {' | '.join(cells[model, task] for task in tasks)} |")
    return "\n".join([*lines, ""])


def _cell(row: ErrorRow) -> str:
    mean = f"{1000 * row.change.ndcg:.2f}"
    if row.model == row.against:
        return mean
    change = row.change
    mark = "" if change.significant else "°"
    interval = f"[{change.low:+.1%}, {change.high:+.1%}]".replace("%", "")
    return f"{mean}: {100 * change.relative:+.1f}{mark} {interval}"
