"""What grows, as tables in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.speed.laws import Law

_WORKERS = (1, 4, 16, 64)
_FAR = (100_000_000, 1_000_000_000)


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Prints the tables.

    Args:
        figures: of the benchmark.
        console: where to print.
    """
    for table in (_sizes(figures), _laws(figures), _grown(figures), _workers(figures)):
        console.print(table)


def _sizes(figures: Mapping[str, Any]) -> Table:
    """Seconds and peaks of every size."""
    sizes = figures["sizes"]
    names = [f"{size['rows']:,} rows: s" for size in sizes]
    table = _table("", *names, *("MB at the peak" for _ in sizes))
    for stage in figures["base"]["stages"]:
        measured = [size["stages"][stage] for size in sizes]
        seconds = [f"{figure['seconds']:.1f}" for figure in measured]
        peaks = [f"{figure['peak_megabytes']:,.0f}" for figure in measured]
        table.add_row(stage, *seconds, *peaks)
    return table


def _laws(figures: Mapping[str, Any]) -> Table:
    """The lines through the sizes."""
    table = _table("", "s at the start", "s a million rows", "off by at most", "MB a million rows")
    for stage, law in figures["laws"]["seconds"].items():
        memory = figures["laws"]["peak_megabytes"][stage]
        table.add_row(
            stage,
            f"{law['start']:.1f}",
            f"{law['per_million']:.1f}",
            f"{law['largest_error']:.0%}",
            f"{memory['per_million']:,.0f}",
        )
    return table


def _grown(figures: Mapping[str, Any]) -> Table:
    """How many times the processor time of the same rows, and how much more memory."""
    grown = figures["grown"]
    names = [f"{name} x {figure['times']}: CPU" for name, figure in grown.items()]
    table = _table("", *names, *("peak + MB" for _ in grown))
    for stage, before in figures["base"]["stages"].items():
        after = [figure["stages"][stage] for figure in grown.values()]
        times = [f"x {figure['cpu_seconds'] / before['cpu_seconds']:.2f}" for figure in after]
        added = [f"{figure['peak_megabytes'] - before['peak_megabytes']:+,.0f}" for figure in after]
        table.add_row(stage, *times, *added)
    return table


def _workers(figures: Mapping[str, Any]) -> Table:
    """Minutes by the lines, for rows that nobody measured."""
    names = [f"{rows // 1_000_000:,} M rows, n = {n}: min" for rows in _FAR for n in _WORKERS]
    table = _table("", *names)
    laws = {stage: Law(**law) for stage, law in figures["laws"]["seconds"].items()}
    for stage, law in laws.items():
        table.add_row(stage, *_minutes([law]))
    table.add_row("one after the other", *_minutes(list(laws.values())))
    return table


def _minutes(laws: Sequence[Law]) -> list[str]:
    return [
        f"{sum(law.at(rows, workers) for law in laws) / 60:,.1f}"
        for rows in _FAR
        for workers in _WORKERS
    ]


def _table(*names: str) -> Table:
    table = Table(box=box.MARKDOWN)
    for name in names:
        table.add_column(name, justify="right" if name else "left")
    return table
