"""The figures on the screen."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.speed.measuring import STAGES


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Prints a line for each stage, and what training consists of.

    Args:
        figures: of the benchmark.
        console: where to print.
    """
    cores = figures["machine"]["cores"]
    table = Table(title=f"{figures['rows']:,} rows on {cores} cores; growth from a tenth of them")
    for name in (
        "",
        "rows/s",
        "seconds",
        "CPU s",
        "others' CPU s",
        "peak MB",
        "time x",
        "peak x",
        "peak + MB",
    ):
        table.add_column(name, justify="right" if name else "left")
    for stage in (*STAGES, "polars", "row_by_row"):
        grown = figures["scaling"]["growth"].get(stage)
        table.add_row(stage, *_usage(figures[stage]), *(_growth(grown) if grown else ()))
    console.print(table)
    training = figures["training"]
    console.print(
        f"training {training['items_per_second']:,.0f} items/s at"
        f" {training['multiply_adds_per_item']:,} multiply-adds an item,"
        f" {training['parameters']:,} parameters;"
        f" {training['share_of_matrix_chain']:.0%} of a bare chain of matrix products"
    )
    for part, rate in training["parts_items_per_second"].items():
        console.print(f"  {part:<14} {rate:>12,.0f} items/s")
    for way in ("polars", "row_by_row"):
        times = figures[way]["listexamplegen_times_as_fast"]
        console.print(f"ListExampleGen is {times:.2f} times as fast as {way}")


def _usage(figures: Mapping[str, float]) -> tuple[str, ...]:
    return (
        f"{figures['rows_per_second']:,.0f}",
        f"{figures['seconds']:.1f}",
        f"{figures['cpu_seconds']:.1f}",
        f"{figures['others_cpu_seconds']:.1f}",
        f"{figures['peak_megabytes']:,.0f}",
    )


def _growth(grown: Mapping[str, float]) -> tuple[str, ...]:
    return (
        f"{grown['seconds']:.1f}",
        f"{grown['peak_megabytes']:.2f}",
        f"{grown['added_peak_megabytes']:,.0f}",
    )
