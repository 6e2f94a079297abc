"""The search for a model's settings, on validation lists alone."""

import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

import keras_tuner
import numpy as np

from benchmarks.reproduction import judging
from benchmarks.reproduction.laboratory import Laboratory
from benchmarks.reproduction.settings import Setting, with_setting
from benchmarks.reproduction.setups import Setup

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


def search(laboratory: Laboratory, setup: Setup, trials: int) -> list[Trial]:
    """Trains a model with settings drawn at random, each once.

    Args:
        laboratory: the lists.
        setup: the model.
        trials: number of settings.

    Returns:
        The trials, the best first.
    """
    space, meaning = _SPACES[setup.learner]
    with tempfile.TemporaryDirectory() as folder:
        search = _Search(space(), trials, folder, lambda drawn: _value(laboratory, setup, drawn))
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


def _value(laboratory: Laboratory, setup: Setup, drawn: dict[str, Any]) -> float:
    meaning = _SPACES[setup.learner][1]
    chosen = with_setting(setup, meaning(drawn))
    scores = laboratory.scores(chosen, _TRAINING_SEED, "validation")
    logs = laboratory.logs
    lists = logs.lists.take(logs.parts.validation)
    ndcg = judging.ndcg_by_target(judging.gains_of(logs.dataset, lists), lists, scores)
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
