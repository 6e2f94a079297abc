"""Scores of finished trainings."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.laboratory.laboratory import KeptScores
from benchmarks.laboratory.prepared import Scores


class Counting:
    """Counts how often scores are computed."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Scores:
        self.calls += 1
        validation = {"click": np.array([0.5, self.calls]), "graded": np.array([1.0])}
        return Scores(validation, {"click": np.array([0.25])}, {"parameters": np.array([60_100])})


def test_the_same_training_is_done_once(tmp_path: Path) -> None:
    compute = Counting()
    for _ in range(2):
        found = KeptScores(tmp_path / "cache").get({"fold": 1, "seed": 1}, compute)
        np.testing.assert_array_equal(found.validation["click"], [0.5, 1])
        np.testing.assert_array_equal(found.validation["graded"], [1])
        np.testing.assert_array_equal(found.evaluation["click"], [0.25])
        np.testing.assert_array_equal(found.figures["parameters"], [60_100])
    assert compute.calls == 1


def test_another_training_is_done_anew(tmp_path: Path) -> None:
    compute, cache = Counting(), KeptScores(tmp_path)
    cache.get({"setting": {"dropout": 0.1}}, compute)
    cache.get({"setting": {"dropout": 0.2}}, compute)
    assert compute.calls == 2


def test_the_order_of_fields_does_not_matter(tmp_path: Path) -> None:
    compute, cache = Counting(), KeptScores(tmp_path)
    cache.get({"fold": 1, "seed": 2}, compute)
    cache.get({"seed": 2, "fold": 1}, compute)
    assert compute.calls == 1


def test_two_processes_may_make_the_same_scores_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, identity = np.savez_compressed, {"seed": 1}

    def write_while_another_one_does(path: Path, **scores: np.ndarray) -> None:
        write(path, **scores)
        monkeypatch.setattr(np, "savez_compressed", write)
        KeptScores(tmp_path).get(identity, Counting())

    monkeypatch.setattr(np, "savez_compressed", write_while_another_one_does)
    found = KeptScores(tmp_path).get(identity, Counting())
    np.testing.assert_array_equal(found.validation["click"], [0.5, 1])
    (kept,) = tmp_path.iterdir()
    assert not kept.name.endswith(".partial.npz")
