"""The paper's tables, on data that anyone can have.

python -m benchmarks.paper --table 3 --preset small --output paper
"""

import argparse
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

# Before anything imports TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console

from benchmarks.reproduction.comparison import Comparison
from benchmarks.reproduction.laboratory import Laboratory
from benchmarks.reproduction.logs import Logs, logs_of, simulated_logs
from benchmarks.reproduction.presets import PRESETS, Preset
from benchmarks.reproduction.setups import Setup, compared_models, with_and_without_adaptor
from benchmarks.reproduction.tables import write_table
from pipeline.config import absolute, load_config

SIMULATED = "simulated"
TABLES: dict[int, tuple[str, Callable[[], list[Setup]], int]] = {
    1: ("Two tasks, against Shared-Bottom", compared_models, 2),
    2: ("With MD, against the same model without", with_and_without_adaptor, 3),
    3: ("Three tasks, against Shared-Bottom", compared_models, 3),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is needed and writes the tables; one that was stopped goes on where it was.

    Args:
        arguments: the command line; that of the process by default.
    """
    options = _options(arguments)
    preset = PRESETS[options.preset]
    options.output.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False, width=None if os.isatty(1) else 160)
    for number in options.table:
        title, setups, tasks = TABLES[number]
        make_logs = partial(_logs, options.dataset, tuple(options.input), preset, tasks)
        comparison = Comparison(
            make_laboratory=partial(
                _laboratory, make_logs, preset.epochs, options.parameters, options.output / "kept"
            ),
            setups=setups(),
            seeds=options.seeds or preset.seeds,
            jobs=options.jobs,
        )
        console.print(f"table {number}: {title}")
        rows = comparison.rows(make_logs(), lambda done: console.print(f"  {done}"))
        console.print(write_table(rows, options.output, f"table{number}", title), markup=False)


def _logs(dataset: str, inputs: Sequence[str], preset: Preset, tasks: int) -> Logs:
    if dataset == SIMULATED:
        return simulated_logs(preset, tasks=("click", "purchase") if tasks == 2 else ())
    return logs_of(load_config(dataset).dataset, [absolute(path) for path in inputs])


def _laboratory(
    make_logs: Callable[[], Logs], epochs: int, parameters: int, folder: Path
) -> Laboratory:
    return Laboratory(make_logs(), {"epochs": epochs}, parameters, folder)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper", description=__doc__)
    parser.add_argument("--table", type=int, nargs="+", choices=sorted(TABLES), required=True)
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
