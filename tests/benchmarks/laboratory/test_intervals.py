import numpy as np
import pyarrow as pa
import pytest

from benchmarks.laboratory.intervals import Means

IDS = pa.array([f"search {number}" for number in range(400)])


def test_a_constant_has_no_spread() -> None:
    found = Means(IDS).estimate(np.full(400, 0.25))
    assert found == {"mean": 0.25, "low": 0.25, "high": 0.25, "lists": 400}


def test_the_interval_is_that_of_a_mean() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.2, 400)
    found = Means(IDS).estimate(values)
    # 1.96 deviations of the mean on each side: 1.96 * .2 / sqrt(400) = .0196.
    assert found["high"] - found["mean"] == pytest.approx(0.0196, rel=0.15)
    assert found["mean"] - found["low"] == pytest.approx(0.0196, rel=0.15)


def test_a_mean_leaves_out_lists_without_a_value() -> None:
    values = np.tile([1.0, np.nan], 200)
    assert Means(IDS).estimate(values)["lists"] == 200
    assert Means(IDS).estimate(values)["mean"] == 1.0
