"""The screen during a run: which node runs, and how training goes."""

import logging
import math
from types import TracebackType
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from data.terminal_text import printable
from models.training.losses_of_epoch import LOSS, LOSS_BY_LISTS
from models.training.progress import TrainingProgress, ndcg_title
from pipeline.node_result import NodeResult
from pipeline.output_capture import silence

NDCG = "_ndcg"
# Loggers whose records may carry something for the screen.
LOGGERS = ("seqmd.training", "seqmd.data")
# Width of output that goes to a file or another program.
PLAIN_WIDTH = 160


def console_on(stream: TextIO) -> Console:
    """A console on a stream, wide enough for tables where it is not a terminal."""
    width = None if stream.isatty() else PLAIN_WIDTH
    return _PrintableConsole(file=stream, width=width, highlight=False, emoji=False)


class _PrintableConsole(Console):
    """Prints control characters as text, all of them; rich itself takes out only a few.

    After `seqmd run | head`, when nobody reads any more, it prints nothing and the run goes on.
    """

    def on_broken_pipe(self) -> None:
        """Takes the place of rich's own answer, which ends the program."""
        self.quiet = True
        silence(self.file)

    def render_str(self, text: str, **layout: Any) -> Text:
        """Makes lines and cells of what is printed."""
        return super().render_str(printable(text), **layout)


class RunDisplay(logging.Handler):
    """Shows nodes as they run and draws the progress of training.

    It observes the runner, and takes the log records of `LOGGERS` that carry a
    `TrainingProgress` or, as `notice`, a line for the screen.

    Args:
        console: where to write.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._node = self._bars.add_task("", total=None, note="", visible=False)
        self._epoch = self._bars.add_task("", total=None, note="", visible=False)

    def __enter__(self) -> "RunDisplay":
        for name in LOGGERS:
            logging.getLogger(name).addHandler(self)
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self)

    def node_started(self, node: str) -> None:
        """Shows the node with a running clock."""
        self._bars.reset(self._node, description=node, visible=True)

    def node_finished(self, result: NodeResult) -> None:
        """Leaves a line with the node's time, or `cached`."""
        self._bars.update(self._node, visible=False)
        self._bars.update(self._epoch, visible=False)
        took = "cached" if result.cached else f"{result.seconds:.1f} s"
        self._console.print(f"[green]✓[/] {result.node:<18} {took:>8}")

    def emit(self, record: logging.LogRecord) -> None:
        """Draws the progress, or writes the line, that a record of the training carries."""
        progress = getattr(record, "progress", None)
        if isinstance(progress, TrainingProgress):
            self._draw(progress)
        elif (notice := getattr(record, "notice", None)) is not None:
            self._console.print(f"  {notice}", markup=False, soft_wrap=True)

    def _draw(self, progress: TrainingProgress) -> None:
        epoch = f"epoch {progress.epoch}/{progress.epochs}"
        if progress.metrics is None:
            self._bars.update(
                self._epoch,
                description=epoch,
                completed=progress.step,
                total=progress.steps,
                note=f"loss {progress.loss:.4f}",
                visible=True,
            )
            return
        quality = "  ".join(
            f"{name.removesuffix(NDCG)} {_shown(value)}"
            for name, value in progress.metrics.items()
            if name.endswith(NDCG)
        )
        validation_loss = _shown(progress.metrics.get(LOSS, math.nan))
        if progress.best_by == LOSS_BY_LISTS:
            validation_loss += f", by lists {_shown(progress.metrics.get(LOSS_BY_LISTS, math.nan))}"
        self._console.print(
            f"  {epoch:<11} loss {progress.loss:.3f}  "
            f"validation: loss {validation_loss}  {ndcg_title(progress.ndcg_at)}  {quality}",
            soft_wrap=True,
        )


def _shown(value: float) -> str:
    return "not measurable" if math.isnan(value) else f"{value:.3f}"
