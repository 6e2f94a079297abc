"""Finds the settings of each model on validation lists, all with the same budget.

python -m benchmarks.tune --preset small --trials 8 --jobs 2 --output tuned
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

# Before anything imports TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console

from benchmarks.command import run_command
from benchmarks.reproduction.laboratory import Laboratory
from benchmarks.reproduction.options import (
    add_common_options,
    laboratory_maker,
    make_output,
    positive,
)
from benchmarks.reproduction.presets import PRESETS
from benchmarks.reproduction.setups import Setup, compared_models
from benchmarks.reproduction.trainings import in_laboratories
from benchmarks.reproduction.tuning import Trial, search


def main(arguments: Sequence[str] | None = None) -> None:
    """Searches, and writes `settings.json`, which `benchmarks.paper --settings` takes.

    Args:
        arguments: the command line; that of the process by default.
    """
    setups = {setup.name: setup for setup in compared_models()}
    options = _options(arguments, list(setups))
    make_output(options.output)
    console = Console(highlight=False, width=None if os.isatty(1) else 160)
    make = laboratory_maker(options, PRESETS[options.preset])
    names = options.model or list(setups)
    work = [partial(_search, setup=setups[name], trials=options.trials) for name in names]
    found: dict[str, list[Trial]] = {}
    for name, trials in zip(names, in_laboratories(make, work, options.jobs), strict=True):
        found[name] = trials
        console.print(f"{name}: {trials[0].ndcg:.4f} with {trials[0].drawn}")
    _write(found, options.output)


def _search(laboratory: Laboratory, setup: Setup, trials: int) -> list[Trial]:
    return search(laboratory, setup, trials)


def _write(found: dict[str, list[Trial]], folder: Path) -> None:
    """The best setting of each model, and all trials; settings of other models stay."""
    for file, of_model in (
        ("settings.json", {name: trials[0].setting for name, trials in found.items()}),
        ("trials.json", {name: [t._asdict() for t in trials] for name, trials in found.items()}),
    ):
        path = folder / file
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**known, **of_model}, indent=2) + "\n")


def _options(arguments: Sequence[str] | None, names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tune", description=__doc__)
    parser.add_argument("--model", nargs="+", choices=names, help="models (default: all)")
    parser.add_argument("--trials", type=positive, default=8, help="settings tried of each model")
    add_common_options(parser)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run_command(main)
