"""Bars of commands that go through a file."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)


def bars_on(console: Console) -> Progress:
    """Bars that are gone once their work is done.

    Args:
        console: where to draw.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def advance(bars: Progress, bar: TaskID, done: float) -> None:
    """Moves a bar.

    Args:
        bars: the bars.
        bar: which.
        done: how far it is.
    """
    bars.update(bar, completed=done)
