"""The figures on the screen."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def show(figures: Mapping[str, Any]) -> None:
    """Prints a line for each competitor: means with the spread of seeds, and differences.

    Args:
        figures: from `report`.
    """
    names = list(next(iter(figures.values()))["measures"])
    table = Table(title="NDCG: mean (deviation of seeds); ours minus it (95% interval)")
    table.add_column("ranked by")
    for name in names:
        table.add_column(name, justify="right")
        table.add_column("ours minus it", justify="right")
    for competitor, found in figures.items():
        cells = [_cells(found["measures"][name], found["ours_minus"][name]) for name in names]
        table.add_row(competitor, *(cell for pair in cells for cell in pair))
    Console(width=130).print(table)


def _cells(measured: Mapping[str, Any], difference: Mapping[str, Any]) -> tuple[str, str]:
    interval = f"({difference['low']:+.4f} {difference['high']:+.4f})"
    return (
        f"{measured['mean']:.4f} ({measured['deviation_of_seeds']:.4f})",
        f"{difference['mean']:+.4f} {interval}",
    )
