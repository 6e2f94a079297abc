"""A task that two-task models get without training."""

from pathlib import Path

import numpy as np

from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.logs import Preset, simulated_logs
from benchmarks.laboratory.network import SIZES, Network
from components.evaluator.config import GRADED


def test_it_is_scored_for_all_tasks_between_its_neighbours(tmp_path: Path) -> None:
    logs = simulated_logs(Preset(lists=300, evaluation_lists=100, seeds=1, epochs=1))
    laboratory = Laboratory(logs, tmp_path)
    model = {"ranker": "seq_md", "parameters": 4000}
    grown = Network(model, {"epochs": 1}, tasks=("click", "purchase"))
    found = laboratory.scores(grown, 1)
    laboratory.close()
    assert set(SIZES) <= set(found.figures)
    assert set(found.validation) == {"click", "add_to_cart", "purchase", GRADED}
    scores = found.evaluation
    assert set(scores) == set(found.validation)
    # Probabilities descend along the tasks, the new one among them.
    assert (scores["click"] >= scores["add_to_cart"]).all()
    assert (scores["add_to_cart"] >= scores["purchase"]).all()
    assert np.ptp(scores["add_to_cart"]) > 0
