"""Tables of changes, as Markdown, CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.networks import GROWTH, MULTIPLY_ADDS, PARAMETERS, SIZES

EVERYWHERE = "all"


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
        sizes: `networks.SIZES` of a network; empty for others.
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


def write_table(rows: Sequence[Row], folder: Path, name: str, title: str) -> str:
    """Writes `NAME.json`, `NAME.csv` and `NAME.md`.

    Args:
        rows: the table.
        folder: where they go.
        name: such as `table3`.
        title: what the table shows.

    Returns:
        The Markdown.
    """
    figures = [row.figures() for row in rows]
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(figures[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(figures)
    (folder / f"{name}.csv").write_text(text.getvalue())
    markdown = _markdown(rows, title)
    (folder / f"{name}.md").write_text(markdown)
    return markdown


def _markdown(rows: Sequence[Row], title: str) -> str:
    columns = _unique((row.task, row.platform) for row in rows)
    cells = {(row.model, row.task, row.platform): _cell(row) for row in rows}
    sizes = {row.model: row.figures() for row in rows}
    head = ["model", "parameters", "multiply-adds", "a third task adds"]
    head += [f"{task}, {place}" for task, place in columns]
    lines = [title, "", _line(head), _line("---" for _ in head)]
    for model, figures in sizes.items():
        found = (cells.get((model, task, place), "") for task, place in columns)
        lines.append(_line([model, *_sizes(figures), *found]))
    lines += ["", "Change in %, its 95% interval over lists and seeds; ° not significant.", ""]
    return "\n".join(lines)


def _sizes(figures: Mapping[str, Any]) -> list[str]:
    if figures[PARAMETERS] is None:
        return ["", "", ""]
    return [
        f"{figures[PARAMETERS]:,}",
        f"{figures[MULTIPLY_ADDS]:,}",
        f"{figures[GROWTH]:.0%}",
    ]


def _cell(row: Row) -> str:
    change = row.change
    if row.model == row.against:
        return f"{change.ndcg:.4f}"
    mark = "" if change.significant else "°"
    interval = f"[{change.low:+.2%}, {change.high:+.2%}]".replace("%", "")
    return f"{100 * change.relative:+.2f}{mark} {interval}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _unique(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
