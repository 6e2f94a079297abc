"""Tables of changes, as JSON, CSV and Markdown."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.networks import GROWTH, SIZES

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
