"""The screen of `seqmd tune`: its trainings as they end, what was found, and what mattered."""

import logging
import math
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from components.evaluator.config import GRADED
from models.training.progress import TRAINING_LOGGER, TrainingProgress
from pipeline.tuning.result import (
    FEWEST_TRIALS,
    SettingImportance,
    TargetChange,
    TuningResult,
    differing,
)
from pipeline.tuning.search import TrainingDone

# An importance that shuffled trials reach as often as this may be chance.
_BY_CHANCE = 0.05
_PARTS = ("search", "best again")


class SearchDisplay(logging.Handler):
    """Shows the trainings of a search: a bar, and a line for each that is done.

    Args:
        console: where to write.
        metric: what is judged.
        definition: its values of the settings that are searched, by place.
    """

    def __init__(self, console: Console, metric: str, definition: Mapping[str, Any]) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._definition = definition
        self._metric = metric
        self._parts = iter(_PARTS)
        self._best: float | None = None
        self._done, self._total = 0, 0
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._bar = self._bars.add_task("", total=None, note="", visible=False)
        self._level = TRAINING_LOGGER.level

    def __enter__(self) -> "SearchDisplay":
        TRAINING_LOGGER.addHandler(self)
        TRAINING_LOGGER.setLevel(logging.INFO)
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()
        TRAINING_LOGGER.removeHandler(self)
        TRAINING_LOGGER.setLevel(self._level)

    def trainings_start(self, number: int) -> None:
        """Shows the bar of a part of the search."""
        part = next(self._parts, "")
        self._done, self._total = 0, number
        self._console.print(f"[bold]{part}[/]: {number} trainings")
        self._bars.reset(self._bar, total=number, description=part, note="", visible=True)

    def training_done(self, done: TrainingDone) -> None:
        """Leaves a line with the setting and what it reached."""
        self._done += 1
        self._best = done.ndcg if self._best is None else max(self._best, done.ndcg)
        note = f"best {self._best:.4f}"
        self._bars.update(self._bar, completed=self._done, note=note)
        place = f"{self._done}/{self._total}"
        kept = "  [dim]kept[/]" if done.kept else ""
        self._console.print(
            f"[green]✓[/] {place:>7}  {done.trial.ranker}  {self._metric} {done.ndcg:.4f}  "
            f"{escape(told(differing(done.trial.drawn, self._definition)))}{kept}",
            soft_wrap=True,
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Moves the bar within a training of this process."""
        progress = getattr(record, "progress", None)
        if isinstance(progress, TrainingProgress):
            epochs = progress.epoch - 1 + progress.step / max(progress.steps, 1)
            note = f"epoch {progress.epoch}/{progress.epochs}"
            if self._best is not None:
                note += f"  best {self._best:.4f}"
            completed = self._done + min(epochs / max(progress.epochs, 1), 0.99)
            self._bars.update(self._bar, completed=completed, note=note)


def told(changed: Mapping[str, Any]) -> str:
    """Settings that differ from the definition, in one line."""
    names = (f"{place.rpartition('.')[2]} {shown(value)}" for place, value in changed.items())
    return ", ".join(names) or "as the definition has it"


def shown(value: Any) -> str:
    """A setting's value as people read it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def show_found(result: TuningResult, console: Console) -> None:
    """Prints what mattered, what was found and how sure it is.

    Args:
        result: of the search.
        console: where to print.
    """
    console.print()
    for ranker, rows in result.importance.items():
        console.print(_importance_table(ranker, rows, result))
    if not result.importance:
        console.print(f"Fewer than {FEWEST_TRIALS} trials do not tell which settings mattered.")
    # The definition against itself would be a table of nothing.
    console.print(_changes_table(result) if result.best else _finalists_table(result))
    for line in conclusion(result):
        console.print(line, markup=False, soft_wrap=True)


def conclusion(result: TuningResult) -> list[str]:
    """What was found, and whether it is beyond chance, in words."""
    change, best = result.changes[GRADED], result.trials[result.best]
    if result.best == 0:
        return ["None of the best settings was better with further seeds: the definition stands."]
    changed = differing(best.drawn, result.definition)
    lines = [f"Found: {best.ranker}, {told(changed)}."]
    if not result.beyond_chance:
        lines.append(
            "Not beyond chance: the interval of the change reaches 0 or below. More --trials, more "
            "--seeds or more logs may tell; until then the definition as it is may be as good."
        )
    elif change.low is not None:
        lines.append(f"Beyond chance: at least {change.low:+.2%} on lists such as these.")
    return lines


def _importance_table(
    ranker: str, rows: tuple[SettingImportance, ...], result: TuningResult
) -> Table:
    tried = sum(1 for one in result.trials if one.ranker == ranker and one.drawn)
    table = Table(title=f"What mattered: {ranker}, {tried} settings", title_justify="left")
    for name in ("setting", "definition", "found", "share of variance", "by chance"):
        table.add_column(
            name, justify="right" if name in ("share of variance", "by chance") else "left"
        )
    table.add_column(f"mean {result.metric} by value")
    for row in rows:
        means = ", ".join(f"{value}: {mean:.4f}" for value, mean in row.means.items())
        table.add_row(
            row.place.rpartition(".")[2],
            shown(row.before),
            shown(row.found),
            f"{max(row.share, 0.0):.0%} ± {row.error:.0%}",
            f"{row.chance:.3f}",
            means,
            style="dim" if row.chance > _BY_CHANCE else "",
        )
    return table


def _changes_table(result: TuningResult) -> Table:
    seeds = len(result.seeds) - 1
    table = Table(
        title=f"{result.metric} by the score on validation lists, {seeds} further seeds each",
        title_justify="left",
    )
    table.add_column("target")
    interval = f"{result.confidence:.1%} interval"
    for name in ("definition", "found", "change", interval, "lists"):
        table.add_column(name, justify="right")
    for target, change in result.changes.items():
        table.add_row(escape(target), *_cells(change))
    return table


def _finalists_table(result: TuningResult) -> Table:
    """The definition and the best settings by what they reached with further seeds."""
    further = result.seeds[1:]
    table = Table(
        title=f"graded {result.metric} of the best again, {len(further)} further seeds each",
        title_justify="left",
    )
    table.add_column("setting", overflow="fold")
    for name in ("mean", "lowest", "highest"):
        table.add_column(name, justify="right")
    for number in (0, *result.finalists):
        trial = result.trials[number]
        reached = [trial.ndcg[seed] for seed in further]
        named = told(differing(trial.drawn, result.definition))
        values = (sum(reached) / len(reached), min(reached), max(reached))
        cells = ("not measurable" if math.isnan(value) else f"{value:.4f}" for value in values)
        table.add_row(escape(f"{trial.ranker}, {named}"), *cells)
    return table


def _cells(change: TargetChange) -> list[str]:
    if change.relative is None or change.before is None or change.after is None:
        return ["not measurable", "", "", "", f"{change.lists:,}"]
    return [
        f"{change.before:.4f}",
        f"{change.after:.4f}",
        f"{change.relative:+.2%}",
        f"[{change.low:+.2%}, {change.high:+.2%}]",
        f"{change.lists:,}",
    ]
