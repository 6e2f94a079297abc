"""A task that two-task models get without training."""

from pathlib import Path

import numpy as np

from benchmarks.reproduction.laboratory import Laboratory, LaboratorySettings
from benchmarks.reproduction.logs import simulated_logs
from benchmarks.reproduction.networks import SIZES
from benchmarks.reproduction.presets import Preset
from benchmarks.reproduction.setups import Setup
from components.evaluator.config import GRADED


def test_it_is_scored_for_all_tasks_between_its_neighbours(tmp_path: Path) -> None:
    logs = simulated_logs(Preset(lists=300, evaluation_lists=100, seeds=1, epochs=1))
    laboratory = Laboratory(logs, LaboratorySettings({"epochs": 1}, 4000, tmp_path))
    grown = Setup("grown", {"ranker": "seq_md"}, tasks=("click", "purchase"))
    scores = laboratory.scores(grown, 1)
    assert set(scores) == {"click", "add_to_cart", "purchase", GRADED, *SIZES}
    # Probabilities descend along the tasks, the new one among them.
    assert (scores["click"] >= scores["add_to_cart"]).all()
    assert (scores["add_to_cart"] >= scores["purchase"]).all()
    assert np.ptp(scores["add_to_cart"]) > 0
