"""Tables of changes, as JSON, CSV and Markdown."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.laboratory.network import GROWTH, MULTIPLY_ADDS, PARAMETERS, SIZES
from benchmarks.laboratory.views import EVERYWHERE
from data.metrics.changes import Change

_LEGEND = "Change in %, its 95% interval over lists and seeds; ° not significant."


class Row(NamedTuple):
    """A model on a target in a slice.

    Attributes:
        model: name of the setup.
        against: name of the setup that its change is measured against.
        task: a task, or `graded`.
        platform: name of the slice; `all` for all lists.
        change: what was found; by true probabilities, where they are known.
        way: NDCG's share of the way from a random order, 0, to the best possible one, 1.
        by_actions: what was found by what was done, where `change` is by true probabilities.
        sizes: `network.SIZES` of a network; empty for others.
        seeds: number of trainings.
    """

    model: str
    against: str
    task: str
    platform: str
    change: Change
    way: float
    by_actions: Change | None
    sizes: Mapping[str, float]
    seeds: int

    def figures(self) -> dict[str, Any]:
        """The row as numbers and texts by name; None where there is no such figure."""
        return {
            name: None if isinstance(figure, float) and not math.isfinite(figure) else figure
            for name, figure in self._numbers().items()
        }

    def _numbers(self) -> dict[str, Any]:
        """The figures, NaN or infinite where nothing could be measured."""
        of_actions = self.by_actions._asdict() if self.by_actions else {}
        return {
            "model": self.model,
            "against": self.against,
            "task": self.task,
            "platform": self.platform,
            **self.change._asdict(),
            "significant": self.change.significant,
            "way": self.way,
            **{f"{name}_by_actions": of_actions.get(name) for name in _FOUND},
            **{name: self._size(name) for name in SIZES},
            "seeds": self.seeds,
        }

    def _size(self, name: str) -> float | int | None:
        size = self.sizes.get(name)
        return size if size is None or name == GROWTH else round(size)


_FOUND = ("ndcg", "relative", "low", "high")


def write_table(rows: Sequence[Row], folder: Path, name: str) -> None:
    """Writes `NAME.json` and `NAME.csv`.

    Args:
        rows: the table.
        folder: where they go.
        name: such as `table3`.
    """
    figures = [row.figures() for row in rows]
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(figures[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(figures)
    (folder / f"{name}.csv").write_text(text.getvalue())


def of_all_lists(rows: Sequence[Row]) -> list[Row]:
    """Rows of all lists; those of models that were judged on one slice alone stay."""
    everywhere = {row.model for row in rows if row.platform == EVERYWHERE}
    return [row for row in rows if row.platform == EVERYWHERE or row.model not in everywhere]


def short_table(rows: Sequence[Row], title: str) -> str:
    """The changes on all lists, beside the sizes of the models.

    Args:
        rows: the table.
        title: what it shows.

    Returns:
        Markdown.
    """
    shown = of_all_lists(rows)
    sizes = {row.model: _sizes(row.figures()) for row in shown}
    head = ("parameters", "multiply-adds", "a third task adds")
    return "\n".join([title, "", *_grid(shown, _change, head, sizes), "", _LEGEND, ""])


def whole_table(rows: Sequence[Row], title: str) -> str:
    """The changes on all lists and in each slice, shares of the way, and changes by actions.

    Args:
        rows: the table.
        title: what it shows.

    Returns:
        Markdown.
    """
    shown = of_all_lists(rows)
    places = dict.fromkeys(row.platform for row in rows if row not in shown)
    blocks = [short_table(rows, title)]
    for place in places:
        own = [row for row in rows if row.platform == place]
        blocks += [f"On the lists of {place}:\n", *_grid(own, _change), ""]
    blocks += ["Share of the way from a random order to the best one, in %:\n"]
    blocks += [*_grid(shown, _way), ""]
    if all(row.by_actions for row in shown):
        blocks += ["As the first table, by what was done instead of true probabilities:\n"]
        blocks += [*_grid(shown, _change_by_actions), ""]
    return "\n".join(blocks)


def _grid(
    rows: Sequence[Row],
    cell: Callable[[Row], str],
    head: Sequence[str] = (),
    sizes: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """Lines of a table with a row for each model and a column for each target."""
    tasks = list(dict.fromkeys(row.task for row in rows))
    cells = {(row.model, row.task): cell(row) for row in rows}
    names = ["model", *head, *tasks]
    lines = [_line(names), _line("---" for _ in names)]
    for model in dict.fromkeys(row.model for row in rows):
        found = (cells[model, task] for task in tasks)
        lines.append(_line([model, *(sizes or {}).get(model, ()), *found]))
    return lines


def _sizes(figures: Mapping[str, Any]) -> list[str]:
    if figures[PARAMETERS] is None:
        return ["", "", ""]
    return [f"{figures[PARAMETERS]:,}", f"{figures[MULTIPLY_ADDS]:,}", f"{figures[GROWTH]:.0%}"]


def _change(row: Row) -> str:
    return _cell(row, row.change)


def _change_by_actions(row: Row) -> str:
    return _cell(row, row.by_actions) if row.by_actions else ""


def _way(row: Row) -> str:
    return f"{100 * row.way:.1f}" if row.change.lists else "not measurable"


def _cell(row: Row, change: Change) -> str:
    if not change.lists:
        return "not measurable"
    if row.model == row.against:
        return f"{change.ndcg:.4f}"
    if np.isnan(change.relative):
        return "not measurable"
    mark = "" if change.significant else "°"
    interval = f"[{change.low:+.2%}, {change.high:+.2%}]".replace("%", "")
    return f"{100 * change.relative:+.2f}{mark} {interval}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
