"""What is written of a search."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from data.loading import CATALOG
from data.simulator import SimulatorConfig, simulated_dataset
from pipeline.config import config_from, load_config
from pipeline.tuning.lists import JudgedLists
from pipeline.tuning.result import TuningResult, result_of, tuned_definition, value_at
from pipeline.tuning.search import Found, changes_of
from pipeline.tuning.trials import Trial, trials_of

SIMULATED = (CATALOG / "simulated.yaml").read_text()
JUDGED = JudgedLists(
    {"graded": np.zeros(4)},
    np.ones(4, int),
    np.ones(4),
    pa.array([b"a", b"b", b"c", b"d"]),
)


def _found(gain: float, number: int = 12) -> Found:
    config = config_from(simulated_dataset(SimulatorConfig()), "market.yaml")
    trials: list[Trial] = trials_of(config, "seq_md", number)
    for place, trial in enumerate(trials):
        base = 0.5 + gain * (place == 1) + 0.01 * (trial.drawn.get("model.dropout") == 0.3)
        trial.ndcg = {seed: {"graded": base + np.arange(4) / 100} for seed in (1, 2, 3)}
    best = max(trials, key=lambda trial: trial.mean([2, 3], "graded", JUDGED.weights))
    return Found(trials, best, [1, 2], [1, 2, 3], changes_of(best, trials[:3], [2, 3], JUDGED))


def test_the_result_says_what_was_tried_and_what_is_best() -> None:
    result = result_of(_found(0.2), "ndcg@10", JUDGED)
    assert result.best == 1
    assert result.trials[0].drawn == {}
    assert result.trials[0].ndcg == pytest.approx(dict.fromkeys((1, 2, 3), 0.515))
    change = result.changes["graded"]
    assert change.before == pytest.approx(0.515)
    assert change.relative == pytest.approx(change.after / 0.515 - 1)
    assert result.beyond_chance
    assert TuningResult.model_validate_json(result.model_dump_json()) == result


def test_importance_is_that_of_the_drawn_settings_with_the_definitions_value() -> None:
    rows = result_of(_found(0.0), "ndcg@10", JUDGED).importance["seq_md"]
    assert rows[0].place == "model.dropout"
    assert rows[0].share == pytest.approx(1)
    assert rows[0].before == 0.1
    assert set(rows[0].means) <= {"0.0", "0.1", "0.3"}


def test_few_trials_tell_nothing_of_importance() -> None:
    assert result_of(_found(0.0, 7), "ndcg@10", JUDGED).importance == {}
    assert result_of(_found(0.0, 8), "ndcg@10", JUDGED).importance["seq_md"]


def test_what_follows_from_the_dataset_is_the_definitions_value() -> None:
    (trial,) = trials_of(load_config("simulated"), "seq_md", 0)
    assert value_at(trial, "model.descending") is True
    assert value_at(trial, "training.averaged_weights") == 0.99
    assert value_at(trial, "training.default_loss.losses.sigmoid_cross_entropy") == 10.0


def test_the_written_definition_is_the_best_trials(tmp_path: Path) -> None:
    found = _found(0.2)
    text = tuned_definition(SIMULATED, "simulated", found, result_of(found, "ndcg@10", JUDGED))
    file = tmp_path / "tuned.yaml"
    file.write_text(text)
    written = load_config(str(file))
    assert written.model == found.best.config.model
    assert written.training == found.best.config.training
    assert text.startswith(
        "# Found by `seqmd tune` among 13 settings, on validation lists:\n# graded"
    )


def test_where_nothing_is_better_the_definition_is_written_as_it_was() -> None:
    searched = _found(-0.2)
    found = replace(searched, best=searched.trials[0])
    text = tuned_definition(SIMULATED, "simulated", found, result_of(found, "ndcg@10", JUDGED))
    assert "none was better than the definition" in text.splitlines()[1]
    assert yaml.safe_load(text) == yaml.safe_load(SIMULATED)
    assert text.endswith(SIMULATED)
