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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from rich.console import Console

from benchmarks.speed.laws import laws_by_stage
from benchmarks.speed.measuring import measure_stages
from benchmarks.speed.process import Measure, in_own_process
from benchmarks.speed.scaling_tables import show

# Each is grown alone, at `--base` rows.
GROWN = {"list_length": 4, "features": 2, "regions": 3}
_PLAIN_WIDTH = 120


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
    parser.add_argument("--json", type=Path, required=True, help="file for the figures")
    parser.add_argument("--folder", type=Path, help="where temporary files go")
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


if __name__ == "__main__":
    main()
