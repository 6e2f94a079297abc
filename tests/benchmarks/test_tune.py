"""The search for settings, on a small marketplace."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks import tune
from benchmarks.laboratory import measures
from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.logs import PRESETS, Logs, Preset, simulated_logs
from benchmarks.laboratory.options import definition_of
from benchmarks.laboratory.settings import load_settings, with_setting
from benchmarks.laboratory.setups import RIVALS, Setup, compared_models
from benchmarks.tune import trials_of, value_of
from data.errors import InputError
from models.config import ModelConfig, TrainingConfig

TINY = Preset(lists=300, evaluation_lists=20, seeds=1, epochs=1)
TREES = Setup("lightgbm", {"rounds": 3}, learns="trees")
SHARED = {"model": {"parameters": 3000}, "training": {"epochs": 1}}
MARKET = definition_of("simulated")


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(TINY)


@pytest.fixture(scope="module")
def laboratory(logs: Logs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(logs, tmp_path_factory.mktemp("kept"))
    yield made
    made.close()


def test_a_trial_is_a_setting_of_the_model() -> None:
    as_it_is, drawn = trials_of(Setup("seq_md", {"ranker": "seq_md"}), SHARED, MARKET, 1)
    assert (as_it_is.drawn, as_it_is.setting) == ({}, {"model": {}, "training": {}})
    training = TrainingConfig.model_validate(drawn.setting["training"])
    assert training.learning_rate == drawn.drawn["training.learning_rate"]
    model = ModelConfig.model_validate(drawn.setting["model"])
    assert model.region_gates == drawn.drawn["model.region_gates"]


def test_all_models_have_as_many_trials_and_those_of_a_kind_the_same_ones() -> None:
    tried = {
        setup.name: [trial.drawn for trial in trials_of(setup, SHARED, MARKET, 3)]
        for setup in compared_models()
    }
    assert {len(trials) for trials in tried.values()} == {4}
    for name in ("mlmmoe", "ple", "adatt_sp", *RIVALS):
        assert tried[name] == tried["shared_bottom"]
    # A setting more makes other draws of all.
    assert set(tried["seq"][1]) - set(tried["shared_bottom"][1]) == {"model.token_path"}
    assert "model.region_gates" in tried["seq_md"][1]


def test_trees_are_tried_by_their_own_names() -> None:
    as_it_is, drawn = trials_of(TREES, SHARED, MARKET, 1)
    assert as_it_is.setting == {"model": {}, "training": {}}
    assert set(drawn.setting["model"]) >= {"learning_rate", "num_leaves", "lambda_l2"}
    assert with_setting(TREES, drawn.setting).model["rounds"] == 3


def test_a_trial_is_judged_by_the_validation_lists(laboratory: Laboratory, logs: Logs) -> None:
    found = value_of(laboratory, TREES, SHARED, 1)
    scores = laboratory.scores(TREES.learner(SHARED), 1).validation
    lists = logs.lists.take(logs.parts.validation)
    ndcg = measures.ndcg_by_target(measures.gains_of(logs.dataset, lists), lists, scores)
    assert found == pytest.approx(np.mean([np.nanmean(values) for values in ndcg.values()]))


def _reached(*words: object, setup: Setup, seed: int, **more: object) -> float:
    """More with more leaves, and a little by seed."""
    return float(setup.model.get("num_leaves", 20)) + seed / 10


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder for searches of the tiny marketplace, whose trainings are made up."""
    monkeypatch.setitem(PRESETS, "small", TINY)
    monkeypatch.setattr(tune, "value_of", _reached)
    monkeypatch.setattr(tune, "in_laboratories", lambda make, work, jobs: [do(None) for do in work])
    return tmp_path


def test_the_best_is_written_beside_settings_of_other_models(searched: Path) -> None:
    (searched / "settings.json").write_text('{"ple": {"model": {"dropout": 0.5}}}')
    tune.main(["--model", "lightgbm", "--trials", "6", "--output", str(searched)])
    settings = load_settings(searched / "settings.json")
    assert settings["ple"] == {"model": {"dropout": 0.5}}
    assert settings["lightgbm"]["model"]["num_leaves"] == 63
    trials = json.loads((searched / "trials.json").read_text())["lightgbm"]
    assert len(trials) == 7
    (best,) = [trial for trial in trials if trial["best"]]
    assert best["setting"] == settings["lightgbm"]
    assert best["ndcg"] == {"1": 63.1, "2": 63.2, "3": 63.3}
    # The model as it is, and the three best ones.
    assert sum(len(trial["ndcg"]) == 3 for trial in trials) == 4


def test_a_training_that_fails_ends_the_search_and_nothing_is_written(
    searched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*words: object, **more: object) -> float:
        raise InputError("model: parameters: expected more")

    monkeypatch.setattr(tune, "value_of", fail)
    with pytest.raises(InputError, match=r"^model: parameters: expected more$"):
        tune.main(["--model", "lightgbm", "--output", str(searched)])
    assert not list(searched.iterdir())


@pytest.mark.parametrize("name", ["settings.json", "trials.json"])
@pytest.mark.parametrize("text", ['{"ple": ', "[]"])
def test_a_file_that_cannot_be_gone_on_with_is_named_before_the_search(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune, "in_laboratories", lambda *_: pytest.fail("a search was begun"))
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=f"{name}: expected JSON by model"):
        tune.main(["--model", "lightgbm", "--output", str(tmp_path)])
    assert (tmp_path / name).read_text() == text
