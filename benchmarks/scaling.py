"""What grows with rows, items a list, features and regions, and what n workers would take.

python -m benchmarks.scaling --rows 100000 1000000 10000000 --json scaling.json
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.speed.laws import Law, laws_by_stage
from benchmarks.speed.measuring import measure_stages
from benchmarks.speed.process import Measure, in_own_process
from data.files import local_path

# Each is grown alone, at `--base` rows.
GROWN = {"list_length": 4, "features": 2, "regions": 3}
_PLAIN_WIDTH = 120
_WORKERS = (1, 4, 16, 64)
_FAR = (100_000_000, 1_000_000_000)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark.

    Args:
        arguments: the command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000], help="sizes, about"
    )
    parser.add_argument(
        "--base", type=int, default=1_000_000, help="one of the sizes, at which the rest is grown"
    )
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    parser.add_argument("--folder", type=local_path, help="where temporary files go")
    options = parser.parse_args(arguments)
    if options.base not in options.rows or len(set(options.rows)) < 2:
        parser.error(
            f"--rows {options.rows}: expected two sizes, one of them --base {options.base}"
        )
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, console.status("") as status:
        figures = benchmark(
            Path(folder), sorted(options.rows), options.base, in_own_process, status.update
        )
    options.json.write_text(json.dumps(figures, indent=2) + "\n")
    show(figures, console)


def benchmark(
    folder: Path,
    sizes: Sequence[int],
    base: int,
    measure: Measure = in_own_process,
    tell: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Measures every size, and everything that is grown at one of them.

    Args:
        folder: for temporary files; those of a size are deleted when it has been measured.
        sizes: rows, about, in ascending order.
        base: the size at which list length, features and regions are grown.
        measure: runs one piece of work.
        tell: is told what is being measured.

    Returns:
        The figures; docs/scaling.md says what they are.
    """
    load = os.getloadavg()[0]
    measured = {
        rows: _measure_one(folder, f"{rows:,} rows", rows, {}, measure, tell) for rows in sizes
    }
    grown = {
        name: {"times": times}
        | _measure_one(folder, f"{name} x {times}", base, {name: times}, measure, tell)
        for name, times in GROWN.items()
    }
    rows = [size["rows"] for size in measured.values()]
    stages = [size["stages"] for size in measured.values()]
    return {
        "machine": {"cores": os.cpu_count(), "kind": platform.machine(), "load_before": load},
        "sizes": list(measured.values()),
        "base": measured[base],
        "grown": grown,
        "laws": {
            name: {stage: law.figures() for stage, law in laws_by_stage(rows, stages, name).items()}
            for name in ("seconds", "cpu_seconds", "peak_megabytes")
        },
    }


def _measure_one(
    folder: Path,
    name: str,
    rows: int,
    grown: dict[str, int],
    measure: Measure,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    place = folder / name.replace(" ", "_")
    place.mkdir()
    tell(f"simulating {name}")
    found = measure("marketplace", folder=str(place), rows=rows, **grown)["rows"]
    stages = measure_stages(place, measure, lambda stage: tell(f"{stage}, {name}"))["stages"]
    megabytes = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 2**20
    shutil.rmtree(place)
    return {"rows": found, "megabytes_on_disk": round(megabytes, 1), "stages": stages}


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


if __name__ == "__main__":
    main()
