"""Tables of changes, as people read them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.networks import GROWTH, MULTIPLY_ADDS, PARAMETERS
from benchmarks.reproduction.tables import Row, of_all_lists

_LEGEND = "Change in %, its 95% interval over lists and seeds; ° not significant."


def changes(rows: Sequence[Row], title: str) -> str:
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


def whole(rows: Sequence[Row], title: str) -> str:
    """The changes on all lists and in each slice, shares of the way, and changes by actions.

    Args:
        rows: the table.
        title: what it shows.

    Returns:
        Markdown.
    """
    shown = of_all_lists(rows)
    places = dict.fromkeys(row.platform for row in rows if row not in shown)
    blocks = [changes(rows, title)]
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
