"""A table as the benchmarks' files show it."""

import pytest

from benchmarks.laboratory.tables import Row
from data.metrics.changes import Change

SIZES = {"parameters": 60_100.0, "multiply_adds": 61_200.0, "growth": 0.304}


def _row(model: str, change: Change, parameters: int) -> Row:
    sizes = {**SIZES, "parameters": float(parameters)}
    return Row(model, "shared_bottom", "click", "all", change, 0.4, None, sizes, 3)


@pytest.fixture
def rows() -> list[Row]:
    return [
        _row("shared_bottom", Change(0.5, 0, 0, 0, 90), 60_100),
        _row("ple", Change(0.51, 0.02, 0.01, 0.03, 90), 59_900),
        _row("seq", Change(0.5, 0.001, -0.01, 0.01, 90), 60_000),
        _row("trees", Change(0.5, 0.002, 0.001, 0.003, 90), 0)._replace(sizes={}),
    ]
