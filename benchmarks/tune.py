"""Finds the settings of each model on validation lists, all with the same budget.

python -m benchmarks.tune --preset small --trials 8 --jobs 2 --output tuned
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

import numpy as np
from rich.console import Console

from benchmarks.command import run_command
from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.logs import PRESETS
from benchmarks.laboratory.measures import gains_of, ndcg_by_target, random_by_target
from benchmarks.laboratory.options import (
    add_common_options,
    definition_of,
    laboratory_maker,
    make_output,
    positive,
    shared_setting,
)
from benchmarks.laboratory.processes import in_laboratories
from benchmarks.laboratory.settings import with_setting
from benchmarks.laboratory.setups import Setting, Setup, can_train, compared_models
from data.definition.dataset import Dataset
from data.errors import InputError
from data.files import write_whole
from models.config import ModelConfig, TrainingConfig
from models.training.losses_of_epoch import LossNotFiniteError
from pipeline.config import RunConfig
from pipeline.tuning.rounds import Rounds
from pipeline.tuning.settings import Drawn, Range, Searched, draw, searched_for, setting_of

_FILES = ("settings.json", "trials.json")
_FIRST_SEED = 1

# What is drawn for LightGBM, by its own names.
TREE_SETTINGS = (
    Searched("model.learning_rate", Range(0.03, 0.2)),
    Searched("model.num_leaves", (15, 31, 63)),
    Searched("model.min_data_in_leaf", (20, 100)),
    Searched("model.feature_fraction", (0.6, 1.0)),
    Searched("model.lambda_l2", (0.0, 10.0)),
)


class Trial(NamedTuple):
    """A setting that is tried.

    Attributes:
        drawn: the values that were drawn, by their places; none as the model is by default.
        setting: what they mean.
    """

    drawn: Drawn
    setting: Setting


class Training(NamedTuple):
    """A training of a trial.

    Attributes:
        model: name of the model.
        trial: place of the trial among the model's.
        seed: of the training.
    """

    model: str
    trial: int
    seed: int


# Mean of the validation lists' NDCG over the targets.
Reached = Mapping[Training, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Searches, and writes `settings.json`, which `benchmarks.paper --settings` takes.

    Args:
        arguments: the command line; that of the process by default.
    """
    setups = {setup.name: setup for setup in compared_models()}
    options = _options(arguments, list(setups))
    make_output(options.output)
    console = Console(highlight=False, width=None if os.isatty(1) else 160)
    names = [name for name in options.model or setups if can_train(setups[name], console.print)]
    if not names:
        raise InputError("--model: expected one that can be trained here, found none")
    # Settings of other models stay: what cannot be read is said before hours of training.
    for file in _FILES:
        _known(options.output / file)
    shared = shared_setting(options, PRESETS[options.preset])
    dataset = definition_of(options.dataset)
    tried = {
        name: trials_of(setups[name], shared, dataset, options.trials)
        for name in dict.fromkeys(names)
    }
    reached: dict[Training, float] = {}
    seeds = range(_FIRST_SEED, _FIRST_SEED + 1 + options.seeds)
    rounds = {name: _rounds(name, len(tried[name]), seeds, reached) for name in tried}
    make = laboratory_maker(options, PRESETS[options.preset])
    for of_round in (Rounds.first, Rounds.second):
        trainings = [Training(name, *one) for name in tried for one in of_round(rounds[name])]
        work = [
            partial(
                value_of,
                setup=with_setting(setups[one.model], tried[one.model][one.trial].setting),
                shared=shared,
                seed=one.seed,
            )
            for one in trainings
        ]
        for one, value in zip(trainings, in_laboratories(make, work, options.jobs), strict=True):
            reached[one] = value
            drawn = tried[one.model][one.trial].drawn
            console.print(f"{one.model}, seed {one.seed}: {value:.4f} with {drawn or 'defaults'}")
    for name, trials in tried.items():
        best = rounds[name].best
        _write(name, trials, best, reached, options.output)
        console.print(f"{name}: best with {trials[best].drawn or 'defaults'}")


def _rounds(name: str, trials: int, seeds: Sequence[int], reached: Reached) -> Rounds:
    def value(trial: int, of: Sequence[int]) -> float:
        return float(np.mean([reached[Training(name, trial, seed)] for seed in of]))

    return Rounds(trials, seeds, value)


def _write(name: str, trials: Sequence[Trial], best: int, reached: Reached, folder: Path) -> None:
    """The best setting of a model, and all trials; those of other models stay."""
    tried = [
        {
            "drawn": trial.drawn,
            "setting": trial.setting,
            "best": place == best,
            "ndcg": {
                one.seed: value
                for one, value in reached.items()
                if (one.model, one.trial) == (name, place)
            },
        }
        for place, trial in enumerate(trials)
    ]
    for file, of_model in zip(_FILES, (trials[best].setting, tried), strict=True):
        path = folder / file
        write_whole(path, json.dumps({**_known(path), name: of_model}, indent=2) + "\n")


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
    parser.add_argument("--trials", type=positive, default=8, help="settings drawn for each model")
    parser.add_argument(
        "--seeds", type=positive, default=2, help="further trainings of the best ones of each"
    )
    add_common_options(parser)
    return parser.parse_args(arguments)


def trials_of(setup: Setup, shared: Setting, dataset: Dataset, number: int) -> list[Trial]:
    """The settings that are tried of a model, the same for all models of a kind.

    Args:
        setup: the model.
        shared: setting of all networks, where a setup says nothing else.
        dataset: the dataset.
        number: settings that are drawn.

    Returns:
        The trial of the model as it is, then those that are drawn.
    """
    as_it_is = Trial({}, {"model": {}, "training": {}})
    if setup.learns == "trees":
        drawn = draw(TREE_SETTINGS, number)
        names = {one.place: one.name for one in TREE_SETTINGS}
        named = ({names[place]: value for place, value in one.items()} for one in drawn)
        trees = (Trial(one, {"model": of}) for one, of in zip(drawn, named, strict=True))
        return [as_it_is, *trees]
    config = RunConfig(
        dataset=dataset,
        model=ModelConfig.model_validate({**shared["model"], **setup.model}),
        training=TrainingConfig.model_validate({**shared["training"], **setup.training}),
    )
    drawn = draw(searched_for(config), number)
    return [as_it_is, *(Trial(one, setting_of(one, config)) for one in drawn)]


def value_of(laboratory: Laboratory, setup: Setup, shared: Setting, seed: int) -> float:
    """Trains a model and judges it by validation lists.

    Args:
        laboratory: the lists, and the trainings that are done.
        setup: the model with its setting.
        shared: setting of all networks, where a setup says nothing else.
        seed: of the training.

    Returns:
        Mean of the lists' NDCG over the targets, each by its own scores; that of a random order
        where the training diverged.
    """
    logs = laboratory.logs
    lists = logs.lists.take(logs.parts.validation)
    gains = gains_of(logs.dataset, lists)
    try:
        ndcg = ndcg_by_target(
            gains, lists, laboratory.scores(setup.learner(shared), seed).validation
        )
    except LossNotFiniteError:
        # It has learnt nothing.
        ndcg = random_by_target(gains, lists)
    return float(np.mean([np.nanmean(of_lists) for of_lists in ndcg.values()]))


if __name__ == "__main__":
    run_command(main)
