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
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.settings import load_settings, with_setting
from benchmarks.laboratory.setups import Setup
from benchmarks.tune import Trial, search
from data.errors import InputError
from models.config import TrainingConfig

TINY = Preset(lists=300, evaluation_lists=20, seeds=1, epochs=1)
TREES = Setup("lightgbm", {"rounds": 3}, learns="trees")
SHARED = {"model": {"parameters": 3000}, "training": {"epochs": 1}}


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(TINY)


@pytest.fixture(scope="module")
def laboratory(logs: Logs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(logs, tmp_path_factory.mktemp("kept"))
    yield made
    made.close()


def test_a_network_is_trained_as_the_setting_says(laboratory: Laboratory) -> None:
    (trial,) = search(laboratory, Setup("seq", {"ranker": "seq"}), SHARED, 1)
    assert 0.001 <= trial.drawn["learning_rate"] <= 0.005
    training = TrainingConfig.model_validate(trial.setting["training"])
    assert training.learning_rate == trial.drawn["learning_rate"]
    losses = training.default_loss.losses
    assert losses["sigmoid_cross_entropy"] == trial.drawn["pointwise_weight"]
    assert 0 < trial.ndcg < 1


def test_all_models_are_tried_with_the_same_settings(laboratory: Laboratory) -> None:
    fewer_rounds = Setup("fewer rounds", {"rounds": 2}, learns="trees")
    tried = [
        {tuple(sorted(trial.drawn.items())) for trial in search(laboratory, setup, SHARED, 2)}
        for setup in (TREES, fewer_rounds)
    ]
    assert tried[0] == tried[1]
    assert len(tried[0]) == 2


def test_the_best_setting_is_that_of_the_validation_lists(
    laboratory: Laboratory, logs: Logs
) -> None:
    trials = search(laboratory, TREES, SHARED, 3)
    assert [trial.ndcg for trial in trials] == sorted((t.ndcg for t in trials), reverse=True)
    best = with_setting(TREES, trials[0].setting).learner(SHARED)
    scores = laboratory.scores(best, 1).validation
    lists = logs.lists.take(logs.parts.validation)
    ndcg = measures.ndcg_by_target(measures.gains_of(logs.dataset, lists), lists, scores)
    mean = np.mean([np.nanmean(values) for values in ndcg.values()])
    assert trials[0].ndcg == pytest.approx(mean)


def test_a_trial_that_fails_ends_the_search(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def fail(*training: object) -> Scores:
        done.append(training)
        raise InputError("model: parameters: expected more")

    monkeypatch.setattr(laboratory, "scores", fail)
    with pytest.raises(InputError, match=r"^model: parameters: expected more$"):
        search(laboratory, TREES, SHARED, 3)
    assert len(done) == 1


def test_settings_of_other_models_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "small", TINY)
    (tmp_path / "settings.json").write_text('{"ple": {"model": {"dropout": 0.5}}}')
    tune.main(["--model", "lightgbm", "--trials", "1", "--output", str(tmp_path)])
    settings = load_settings(tmp_path / "settings.json")
    assert settings["ple"] == {"model": {"dropout": 0.5}}
    assert set(settings) == {"ple", "lightgbm"}


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


def test_models_that_were_searched_are_written_before_the_next_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped_after_one(*_: object) -> Iterator[list[Trial]]:
        yield [Trial({"dropout": 0.1}, {"model": {"dropout": 0.1}}, 0.8)]
        raise InputError("the second one")

    monkeypatch.setattr(tune, "in_laboratories", stopped_after_one)
    with pytest.raises(InputError, match="the second one"):
        tune.main(["--model", "seq", "ple", "--output", str(tmp_path)])
    assert load_settings(tmp_path / "settings.json") == {"seq": {"model": {"dropout": 0.1}}}
    assert set(json.loads((tmp_path / "trials.json").read_text())) == {"seq"}
