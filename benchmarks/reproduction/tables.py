"""Tables of changes, as Markdown, CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.reproduction.changes import Change

EVERYWHERE = "all"


class Row(NamedTuple):
    """A model on a target in a slice.

    Attributes:
        model: name of the setup.
        against: name of the setup that its change is measured against.
        task: a task, or `graded`.
        platform: name of the slice; `all` for all lists.
        change: what was found.
        parameters: of the network, without embeddings.
        seeds: number of trainings.
    """

    model: str
    against: str
    task: str
    platform: str
    change: Change
    parameters: int
    seeds: int

    def figures(self) -> dict[str, Any]:
        """The row as numbers and texts by name."""
        own = {name: value for name, value in self._asdict().items() if name != "change"}
        return {**own, **self.change._asdict(), "significant": self.change.significant}


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
    head = ["model", "parameters", *(f"{task}, {place}" for task, place in columns)]
    lines = [title, "", _line(head), _line("---" for _ in head)]
    for model, parameters in _unique((row.model, row.parameters) for row in rows):
        found = (cells.get((model, task, place), "") for task, place in columns)
        lines.append(_line([model, f"{parameters:,}", *found]))
    lines += ["", "Change in %, its 95% interval over lists and seeds; ° not significant.", ""]
    return "\n".join(lines)


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
