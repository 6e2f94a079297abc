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
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

# Before anything imports TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console

from benchmarks.command import run_command
from benchmarks.reproduction.laboratory import Laboratory
from benchmarks.reproduction.learners import can_learn
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
from data.errors import InputError

_FILES = ("settings.json", "trials.json")


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
    names = [name for name in options.model or setups if can_learn(setups[name], console.print)]
    if not names:
        raise InputError("--model: expected one that can be trained here, found none")
    # Settings of other models stay: what cannot be read is said before hours of training.
    for file in _FILES:
        _known(options.output / file)
    work = [partial(_search, setup=setups[name], trials=options.trials) for name in names]
    for name, trials in zip(names, in_laboratories(make, work, options.jobs), strict=True):
        _write(name, trials, options.output)
        console.print(f"{name}: {trials[0].ndcg:.4f} with {trials[0].drawn}")


def _search(laboratory: Laboratory, setup: Setup, trials: int) -> list[Trial]:
    return search(laboratory, setup, trials)


def _write(name: str, trials: list[Trial], folder: Path) -> None:
    """The best setting of a model, and all trials; those of other models stay."""
    found = (trials[0].setting, [trial._asdict() for trial in trials])
    for file, of_model in zip(_FILES, found, strict=True):
        path = folder / file
        path.write_text(json.dumps({**_known(path), name: of_model}, indent=2) + "\n")


def _known(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: expected JSON by model, found: {error}") from None
    if not isinstance(known, dict):
        raise InputError(f"{path}: expected JSON by model, found other content")
    return known


def _options(arguments: Sequence[str] | None, names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tune", description=__doc__)
    parser.add_argument("--model", nargs="+", choices=names, help="models (default: all)")
    parser.add_argument("--trials", type=positive, default=8, help="settings tried of each model")
    add_common_options(parser)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    run_command(main)
