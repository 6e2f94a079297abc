"""The paper's tables and figures, on data that anyone can have.

python -m benchmarks.paper --table 3 --figure 5 --preset small --output paper
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

# Before anything imports TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console

from benchmarks.reproduction.comparison import Comparison
from benchmarks.reproduction.domestic import FIRST, mean_domestic_shares
from benchmarks.reproduction.exhibits import EXHIBITS, Exhibit
from benchmarks.reproduction.figures import draw_changes, draw_domestic
from benchmarks.reproduction.laboratory import Laboratory
from benchmarks.reproduction.logs import Logs, logs_of, simulated_logs
from benchmarks.reproduction.presets import PRESETS, Preset
from benchmarks.reproduction.tables import write_table
from pipeline.config import absolute, load_config

SIMULATED = "simulated"
_STUDIES = [name for name in EXHIBITS if not name.startswith(("table", "figure"))]


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is needed and writes what was asked for; a stopped one goes on where it was.

    Args:
        arguments: the command line; that of the process by default.
    """
    options = _options(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False, width=None if os.isatty(1) else 160)
    names = [f"table{number}" for number in options.table]
    names += [f"figure{number}" for number in options.figure]
    for name in [*names, *options.study]:
        _write(name, EXHIBITS[name], options, console)


def _write(name: str, exhibit: Exhibit, options: argparse.Namespace, console: Console) -> None:
    console.print(f"[bold]{exhibit.title}[/]")
    preset, output = PRESETS[options.preset], options.output
    make_logs = partial(_logs, options.dataset, tuple(options.input), preset, exhibit)
    kept = output / "kept"
    comparison = Comparison(
        partial(_laboratory, make_logs, preset.epochs, options.parameters, kept),
        setups=exhibit.setups,
        seeds=options.seeds or preset.seeds,
        jobs=options.jobs,
    )
    logs = make_logs()
    scores = comparison.scores(lambda done: console.print(f"  {done}"))
    rows = comparison.rows(logs, scores)
    console.print(write_table(rows, output, name, exhibit.title), markup=False)
    draw_changes(rows, output / f"{name}.png", exhibit.title)
    if exhibit.domestic:
        shares = mean_domestic_shares(logs, comparison, scores)
        (output / f"{name}_domestic.json").write_text(json.dumps(shares, indent=2) + "\n")
        for first in FIRST if shares else ():
            path = output / f"{name}_domestic_{first}.png"
            draw_domestic(shares, first, path, exhibit.title)


def _logs(dataset: str, inputs: Sequence[str], preset: Preset, exhibit: Exhibit) -> Logs:
    if dataset == SIMULATED:
        return simulated_logs(preset, exhibit.changes, exhibit.tasks)
    return logs_of(load_config(dataset).dataset, [absolute(path) for path in inputs])


def _laboratory(
    make_logs: Callable[[], Logs], epochs: int, parameters: int, folder: Path
) -> Laboratory:
    return Laboratory(make_logs(), {"epochs": epochs}, parameters, folder)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper", description=__doc__)
    for kind in ("table", "figure"):
        numbers = [int(name.removeprefix(kind)) for name in EXHIBITS if name.startswith(kind)]
        parser.add_argument(f"--{kind}", type=int, nargs="+", default=(), choices=numbers)
    parser.add_argument("--study", nargs="+", default=(), choices=_STUDIES)
    parser.add_argument("--dataset", default=SIMULATED, metavar="NAME|FILE")
    parser.add_argument("--input", nargs="+", default=(), metavar="FILE")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="small")
    parser.add_argument("--seeds", type=int, help="trainings of each model (default: the preset's)")
    parser.add_argument("--parameters", type=int, default=60_000, help="of each network, about")
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
