"""How fast each part of the pipeline is, and how its time and memory grow with the rows.

python -m benchmarks.throughput --rows 1000000 --json figures.json
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from rich.console import Console
from rich.table import Table

from benchmarks.speed.marketplace import WIDE_MODEL
from benchmarks.speed.measuring import STAGES, beside, measure_stages, with_parts
from benchmarks.speed.process import Measure, in_own_process
from data.files import local_path

# Width of output that goes to a file.
_PLAIN_WIDTH = 120
_TENTH = 10
_BATCHES = 300


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark.

    Args:
        arguments: the command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows, about")
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    parser.add_argument("--folder", type=local_path, help="where temporary files go")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, console.status("") as status:
        figures = benchmark(Path(folder), options.rows, in_own_process, status.update)
    options.json.write_text(json.dumps(figures, indent=2) + "\n")
    show(figures, console)


def benchmark(
    folder: Path,
    rows: int,
    measure: Measure = in_own_process,
    tell: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Measures everything.

    Args:
        folder: for temporary files.
        rows: rows of the logs, about.
        measure: runs one piece of work.
        tell: is told what is being measured.

    Returns:
        The figures; docs/performance.md says what they are.
    """
    load = os.getloadavg()[0]
    tenth = measure_size(folder / "tenth", rows // _TENTH, measure, tell)
    whole = measure_size(folder / "whole", rows, measure, tell)
    tell(f"row by row, {whole['rows']:,} rows")
    ours = whole["stages"]["listexamplegen"]
    row_by_row = beside(ours, measure("grouping", folder=str(folder / "whole"), way="row_by_row"))
    tell("parts of training")
    artifacts = {"folder": str(folder / "whole"), "outputs": whole["outputs"]}
    parts = measure("network", **artifacts, batches=_BATCHES)
    tell("a wide network")
    wide = measure("network", **artifacts, batches=_BATCHES, model=WIDE_MODEL)
    return {
        "machine": {"cores": os.cpu_count(), "kind": platform.machine(), "load_before": load},
        "rows": whole["rows"],
        **whole["stages"],
        "training": with_parts(whole["stages"]["training"], parts),
        "wide_network": wide,
        "polars": whole["polars"],
        "row_by_row": row_by_row,
        "scaling": {
            "rows": tenth["rows"],
            **tenth["stages"],
            "polars": tenth["polars"],
            "growth": growth(tenth["stages"], whole["stages"]),
        },
    }


def measure_size(
    folder: Path, rows: int, measure: Measure, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Measures logs of one size.

    Args:
        folder: for the logs and the pipeline's output.
        rows: rows, about.
        measure: runs one piece of work.
        tell: is told what is being measured.

    Returns:
        `rows`, `stages` and `outputs` as `measure_stages` has them, and `polars`.
    """
    folder.mkdir()
    tell(f"simulating {rows:,} rows")
    found = measure("marketplace", folder=str(folder), rows=rows)["rows"]
    measured = measure_stages(folder, measure, lambda stage: tell(f"{stage}, {found:,} rows"))
    tell(f"Polars, {found:,} rows")
    ours = measured["stages"]["listexamplegen"]
    polars = beside(ours, measure("grouping", folder=str(folder), way="polars"))
    return {"rows": found, **measured, "polars": polars}


def growth(
    small: Mapping[str, Mapping[str, Any]], large: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, float]]:
    """Compares the figures of two sizes.

    Args:
        small: figures by stage, from fewer rows.
        large: figures by stage.

    Returns:
        By stage: how many times as many `rows`, `seconds`, `cpu_seconds` and `peak_megabytes`, and
        `added_peak_megabytes`.
    """
    names = ("rows", "seconds", "cpu_seconds", "peak_megabytes")
    return {
        stage: {
            **{name: round(large[stage][name] / small[stage][name], 3) for name in names},
            "added_peak_megabytes": round(
                large[stage]["peak_megabytes"] - small[stage]["peak_megabytes"], 1
            ),
        }
        for stage in small
    }


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
        table.add_row(stage, *_usage(figures[stage]), *(_grown(grown) if grown else ()))
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


def _grown(grown: Mapping[str, float]) -> tuple[str, ...]:
    return (
        f"{grown['seconds']:.1f}",
        f"{grown['peak_megabytes']:.2f}",
        f"{grown['added_peak_megabytes']:,.0f}",
    )


if __name__ == "__main__":
    main()
