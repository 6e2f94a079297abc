"""Trainings in processes of their own."""

import argparse
from operator import methodcaller
from pathlib import Path

import pytest

from benchmarks.reproduction.options import laboratory_maker
from benchmarks.reproduction.presets import Preset
from benchmarks.reproduction.setups import Setup
from benchmarks.reproduction.trainings import in_laboratories

TINY = Preset(lists=300, evaluation_lists=20, seeds=1, epochs=1)
TREES = Setup("lightgbm", {"rounds": 3}, learner="trees")


def test_advice_of_libraries_does_not_bury_what_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    options = argparse.Namespace(dataset="simulated", input=(), parameters=1, output=tmp_path)
    make = laboratory_maker(options, TINY)
    work = [methodcaller("scores", TREES, seed) for seed in (1, 2)]
    first, second = in_laboratories(make, work, 1)
    assert set(first) == set(second) == {"click", "add_to_cart", "purchase", "graded"}
    assert "WARNING" not in capfd.readouterr().err
