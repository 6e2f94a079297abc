"""What histories cost in training and in answers, beside DIN's layer, also that of torch-rechub.

python -m benchmarks.history --json history.json --torch-rechub PYTHON
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from rich.console import Console
from rich.table import Table

from benchmarks.speed.process import Measure, in_own_process
from benchmarks.speed.torch_rechub import history_in_torch_rechub
from data.files import local_path

LISTS, ITEMS, ENTRIES = 128, 25, 50
WITH, WITHOUT, DIN = "with", "without", "din"


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark.

    Args:
        arguments: the command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES, help="of each history")
    parser.add_argument("--steps", type=int, default=60, help="of training that are timed")
    parser.add_argument("--requests", type=int, default=200, help="of 1,000 candidates")
    parser.add_argument(
        "--torch-rechub", metavar="PYTHON", help="of an environment with torch-rechub, to compare"
    )
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    options = parser.parse_args(arguments)
    figures = benchmark(
        options.entries, options.steps, options.requests, options.torch_rechub, in_own_process
    )
    options.json.write_text(json.dumps(figures, indent=2) + "\n")
    show(figures, Console(highlight=False))


def benchmark(
    entries: int, steps: int, requests: int, torch_rechub: str | None, measure: Measure
) -> dict[str, Any]:
    """Measures networks with and without histories.

    Args:
        entries: of each history.
        steps: of training that are timed.
        requests: of 1,000 candidates that are timed.
        torch_rechub: Python of an environment that has torch-rechub; None compares with nothing.
        measure: runs one piece of work.

    Returns:
        As `benchmarks.speed.history_cost` has it; with `torch_rechub`, as
        `benchmarks.speed.torch_rechub_history`.
    """
    shape = {"lists": LISTS, "items": ITEMS, "entries": entries, "steps": steps}
    figures = measure("history_cost", **shape, requests=requests)
    if torch_rechub:
        figures["torch_rechub"] = history_in_torch_rechub(torch_rechub, shape)
    return {**shape, **figures}


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Prints what is measured, with histories and without.

    Args:
        figures: of the benchmark.
        console: where to print.
    """
    table = Table(title=f"histories of {figures['entries']}, by processor time on one thread")
    for name in ("", "without", "with", "times as long", "DIN's layer", "times as long"):
        table.add_column(name, justify="right" if name else "left")
    rates, times = figures["items_per_second"], figures["times"]
    rows = {
        "step, items/s": (rates["step"], times["step"]),
        "input and step, items/s": (rates["input_and_step"], times["input_and_step"]),
        "1,000 candidates, ms": (figures["answer_ms"], times["answer"]),
    }
    for name, (values, longer) in rows.items():
        with_history, din = ((f"{values[way]:,.1f}", f"{longer[way]:.2f}") for way in (WITH, DIN))
        table.add_row(name, f"{values[WITHOUT]:,.1f}", *with_history, *din)
    console.print(table)
    if "torch_rechub" in figures:
        there = figures["torch_rechub"]
        with_, without = (there["items_per_second"][name] for name in (WITH, WITHOUT))
        console.print(
            f"torch-rechub on torch {there['version']}: a step of an MLP of {without:,.0f} items/s,"
            f" with its layer of DIN {with_:,.0f}; {_added(there):,.1f} microseconds more an item,"
            f" where the encoder takes {_added(figures, 'step'):,.1f} more"
        )


def _added(figures: Mapping[str, Any], part: str | None = None) -> float:
    """Microseconds that a history adds to the training of an item."""
    rates = figures["items_per_second"]
    rates = rates if part is None else rates[part]
    return 1e6 / rates[WITH] - 1e6 / rates[WITHOUT]


if __name__ == "__main__":
    main()
