"""The settings that are tried."""

from typing import Any

import numpy as np
import pytest

from data.definition.base import LARGEST_SEED
from data.errors import InputError
from data.simulator import SimulatorConfig, simulated_dataset
from pipeline.config import RunConfig, config_from
from pipeline.tuning.trials import further_seeds, trials_of


def _config(**sections: object) -> RunConfig:
    return config_from({**simulated_dataset(SimulatorConfig()), **sections}, "market.yaml")


def test_the_first_trial_is_the_definition_as_it_is() -> None:
    config = _config(model={"dropout": 0.2}, training={"seed": 4})
    first, *others = trials_of(config, "seq_md", 2)
    assert first.config == config
    assert (first.drawn, first.setting) == ({}, {"model": {}, "training": {}})
    assert len(others) == 2
    for trial in others:
        model, training = trial.config.model, trial.config.training
        assert model.dropout == trial.drawn["model.dropout"]
        assert training.learning_rate == trial.drawn["training.learning_rate"]
        assert training.seed == 4
        assert trial.config.dataset == config.dataset


def test_another_ranker_takes_the_rest_of_the_definition() -> None:
    config = _config(model={"parameters": 20_000})
    first, other = trials_of(config, "ple", 1)
    for trial in (first, other):
        assert (trial.config.model.ranker, trial.config.model.parameters) == ("ple", 20_000)
        assert trial.setting["model"]["ranker"] == "ple"
    assert "model.region_gates" not in other.drawn


def test_a_definition_that_does_not_fit_a_ranker_is_told() -> None:
    with pytest.raises(InputError, match=r"--ranker ple: model: not as expected:\n.*'per_task'"):
        trials_of(_config(model={"adaptor": "per_task"}), "ple", 1)


def test_a_ranker_that_needs_a_product_is_told_before_anything_is_trained() -> None:
    config = _config(model={"descending": False})
    with pytest.raises(InputError, match="--ranker esmm: model: ranker 'esmm': expected prob"):
        trials_of(config, "esmm", 1)


@pytest.mark.parametrize(
    ("ranker", "training", "searched"),
    [
        ("ple", {}, True),
        ("esmm", {}, False),
        ("ple", {"default_loss": {"losses": {"softmax": 1.0, "chain": 0.1}}}, False),
    ],
)
def test_what_needs_a_product_is_never_tried_without(
    ranker: str, training: dict[str, Any], searched: bool
) -> None:
    trials = trials_of(_config(training=training), ranker, 3)
    assert any("model.descending" in trial.drawn for trial in trials) == searched


def test_what_a_ranker_refuses_is_not_drawn() -> None:
    # It has gates everywhere.
    trials = trials_of(_config(model={"adaptor": "shared"}), "pepnet", 3)
    assert len(trials) == 4
    assert all("model.region_gates" not in trial.drawn for trial in trials)
    assert all("model.region_rank" in trial.drawn for trial in trials[1:])


def test_a_seed_tells_one_training_of_a_trial_from_another() -> None:
    (trial,) = trials_of(_config(), "seq_md", 0)
    assert [trial.seeded(seed).training.seed for seed in (1, 7)] == [1, 7]


def test_further_seeds_follow_the_own_one() -> None:
    assert further_seeds(5, 3) == [6, 7, 8]
    assert further_seeds(LARGEST_SEED, 2) == [0, 1]


def test_lists_count_by_their_weight_and_others_do_not() -> None:
    (trial,) = trials_of(_config(), "seq_md", 0)
    trial.ndcg = {
        1: {"graded": np.array([0.2, 0.4, np.nan])},
        2: {"graded": np.array([0.4, 0.8, np.nan])},
    }
    weights = np.array([3.0, 1.0, 5.0])
    assert trial.mean([1, 2], "graded", weights) == pytest.approx((3 * 0.3 + 0.6) / 4)
    assert trial.mean([2], "graded", weights) == pytest.approx((3 * 0.4 + 0.8) / 4)
    assert np.isnan(trial.mean([1, 2], "graded", np.array([0.0, 0.0, 5.0])))
