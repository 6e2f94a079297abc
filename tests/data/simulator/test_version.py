"""What version 1 of the simulator draws, and how fast."""

import time

import pyarrow.compute as pc
import pytest

from data.simulator import SIMULATOR_VERSION, SimulatorConfig, simulate

# Figures of the first 1,000 lists. A change here calls for a new SIMULATOR_VERSION.
SUMS = {
    "price": 1_344_305,
    "click": 1969,
    "add_to_cart": 410,
    "purchase": 170,
    "true_probability_click": 3440.46,
    "true_probability_add_to_cart": 662.604,
    "true_probability_purchase": 292.296,
}


def test_equal_versions_draw_equal_logs() -> None:
    assert SIMULATOR_VERSION == 1
    (table,) = simulate(SimulatorConfig(lists=1_000))
    assert table.num_rows == 25_328
    for column, expected in SUMS.items():
        # Processors may round a last digit differently, and so turn a label around now and then.
        total = pc.sum(table[column].cast("double")).as_py()
        assert total == pytest.approx(expected, rel=1e-5, abs=1), column


def test_a_million_rows_take_less_than_ten_seconds() -> None:
    started = time.process_time()
    rows = sum(table.num_rows for table in simulate(SimulatorConfig(lists=4_000)))
    assert time.process_time() - started < 10 * rows / 1_000_000
