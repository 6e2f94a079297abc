import json
from math import log
from pathlib import Path

import numpy as np
import pytest

from benchmarks.laboratory.comparison import Comparison
from benchmarks.laboratory.logs import Preset, simulated_logs
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.probability_errors import divergence, error_rows, write_errors
from benchmarks.laboratory.setups import Setup
from data.definition import keys


def test_divergence_by_arithmetic() -> None:
    expected = 0.2 * log(0.2 / 0.5) + 0.8 * log(0.8 / 0.5)
    assert divergence(np.array([0.2, 0.3]), np.array([0.5, 0.3])) == pytest.approx([expected, 0])
    # 32 bits may round a probability to 0 or 1.
    assert np.isfinite(divergence(np.array([0.2, 0.0]), np.array([0.0, 1.0]))).all()


def test_errors_are_means_over_lists_of_the_means_of_their_items(tmp_path: Path) -> None:
    logs = simulated_logs(Preset(lists=60, evaluation_lists=60, seeds=2, epochs=1))
    lists = logs.lists.take(logs.parts.evaluation)
    truths = {
        task.name: lists.items[keys.truth(task.name)].to_numpy() for task in logs.dataset.tasks
    }
    halved = {name: truth / 2 for name, truth in truths.items()}
    setups = [Setup("half", against="half"), Setup("true", against="half")]
    scores = {
        (number, seed): Scores({}, found)
        for number, found in enumerate((halved, truths))
        for seed in (1, 2)
    }
    rows = error_rows(Comparison(logs, setups, 2, scores))
    assert [(row.model, row.task) for row in rows[:2]] == [("half", "click"), ("true", "click")]
    of_items = divergence(truths["click"], halved["click"])
    starts = np.cumsum(lists.row_lengths) - lists.row_lengths
    expected = (np.add.reduceat(of_items, starts) / lists.row_lengths).mean()
    assert rows[0].change.ndcg == pytest.approx(expected)
    assert rows[1].change.ndcg == pytest.approx(0, abs=1e-12)
    assert rows[1].change.relative == pytest.approx(-1)
    text = write_errors(rows, tmp_path, "study")
    assert f"| half | {1000 * expected:.2f} |" in text
    assert "| true | 0.00: -100.0 [-100.0, -100.0] |" in text
    written = json.loads((tmp_path / "study_probabilities.json").read_text())
    assert written[0]["divergence"] == pytest.approx(expected)
