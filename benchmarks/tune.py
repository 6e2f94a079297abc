"""Finds the settings of each model on validation lists, all with the same budget.

python -m benchmarks.tune --preset small --trials 8 --jobs 2 --output tuned
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

# Before anything imports TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_tuner
import numpy as np
from rich.console import Console

from benchmarks.command import run_command
from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.logs import PRESETS
from benchmarks.laboratory.measures import gains_of, ndcg_by_target
from benchmarks.laboratory.options import (
    add_common_options,
    laboratory_maker,
    make_output,
    positive,
    shared_setting,
)
from benchmarks.laboratory.processes import in_laboratories
from benchmarks.laboratory.settings import with_setting
from benchmarks.laboratory.setups import Setting, Setup, can_train, compared_models
from data.errors import InputError

_FILES = ("settings.json", "trials.json")
# The draw of settings; all models are tried with the same ones.
_SEARCH_SEED = 1
_TRAINING_SEED = 1
_VALUE = "ndcg"


class Trial(NamedTuple):
    """A setting that was tried.

    Attributes:
        drawn: the values that were drawn, by name.
        setting: what they mean.
        ndcg: mean of the validation lists' NDCG over the targets.
    """

    drawn: dict[str, Any]
    setting: Setting
    ndcg: float


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
    names = [name for name in options.model or setups if can_train(setups[name], console.print)]
    if not names:
        raise InputError("--model: expected one that can be trained here, found none")
    # Settings of other models stay: what cannot be read is said before hours of training.
    for file in _FILES:
        _known(options.output / file)
    shared = shared_setting(options, PRESETS[options.preset])
    work = [
        partial(search, setup=setups[name], shared=shared, trials=options.trials) for name in names
    ]
    for name, trials in zip(names, in_laboratories(make, work, options.jobs), strict=True):
        _write(name, trials, options.output)
        console.print(f"{name}: {trials[0].ndcg:.4f} with {trials[0].drawn}")


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


def search(laboratory: Laboratory, setup: Setup, shared: Setting, trials: int) -> list[Trial]:
    """Trains a model with settings drawn at random, each once.

    Args:
        laboratory: the lists.
        setup: the model.
        shared: setting of all networks, where a setup says nothing else.
        trials: number of settings.

    Returns:
        The trials, the best first.
    """
    space, meaning = _SPACES[setup.learns]

    def value(drawn: dict[str, Any]) -> float:
        return _value(laboratory, with_setting(setup, meaning(drawn)), shared)

    with tempfile.TemporaryDirectory() as folder:
        search = _Search(space(), trials, folder, value)
        try:
            search.search(verbose=0)
        except keras_tuner.errors.FatalError as error:
            raise error.__cause__ or error from None
        found = search.oracle.get_best_trials(trials)
    return [
        Trial(trial.hyperparameters.values, meaning(trial.hyperparameters.values), trial.score)
        for trial in found
    ]


class _Search(keras_tuner.engine.base_tuner.BaseTuner):
    """KerasTuner's random search around a function of the drawn values."""

    def __init__(
        self,
        space: keras_tuner.HyperParameters,
        trials: int,
        folder: str,
        value: Callable[[dict[str, Any]], float],
    ) -> None:
        oracle = keras_tuner.oracles.RandomSearchOracle(
            keras_tuner.Objective(_VALUE, "max"), trials, _SEARCH_SEED, space
        )
        super().__init__(oracle, directory=folder)
        self._value = value

    def run_trial(self, trial: Any, *arguments: Any, **named: Any) -> dict[str, float]:
        try:
            return {_VALUE: self._value(trial.hyperparameters.values)}
        except Exception as error:
            # KerasTuner would go on with one trial less: not the same budget for every model.
            raise keras_tuner.errors.FatalError(str(error)) from error


def _value(laboratory: Laboratory, setup: Setup, shared: Setting) -> float:
    scores = laboratory.scores(setup.learner(shared), _TRAINING_SEED).validation
    logs = laboratory.logs
    lists = logs.lists.take(logs.parts.validation)
    ndcg = ndcg_by_target(gains_of(logs.dataset, lists), lists, scores)
    return float(np.mean([np.nanmean(of_lists) for of_lists in ndcg.values()]))


def _network_space() -> keras_tuner.HyperParameters:
    space = keras_tuner.HyperParameters()
    space.Float("learning_rate", 1e-3, 5e-3, sampling="log")
    space.Choice("dropout", [0.0, 0.1])
    space.Choice("averaged_weights", [0.0, 0.99])
    space.Choice("pointwise_weight", [0.1, 0.3, 1.0])
    space.Boolean("concatenate_country")
    return space


def _network_setting(drawn: dict[str, Any]) -> Setting:
    losses = {"softmax": 1.0, "sigmoid_cross_entropy": drawn["pointwise_weight"]}
    return {
        "model": {
            "dropout": drawn["dropout"],
            "concatenate_country": drawn["concatenate_country"],
        },
        "training": {
            "learning_rate": drawn["learning_rate"],
            "averaged_weights": drawn["averaged_weights"] or None,
            "default_loss": {"losses": losses},
        },
    }


def _tree_space() -> keras_tuner.HyperParameters:
    space = keras_tuner.HyperParameters()
    space.Float("learning_rate", 0.03, 0.2, sampling="log")
    space.Choice("num_leaves", [15, 31, 63])
    space.Choice("min_data_in_leaf", [20, 100])
    space.Choice("feature_fraction", [0.6, 1.0])
    space.Choice("lambda_l2", [0.0, 10.0])
    return space


_SPACES = {
    "network": (_network_space, _network_setting),
    "trees": (_tree_space, lambda drawn: {"model": drawn}),
}


if __name__ == "__main__":
    run_command(main)
