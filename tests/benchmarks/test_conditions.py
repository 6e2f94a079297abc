"""Lists ranked by the marketplace's own odds of a click."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.conditions import ndcg_of
from data.simulator import SimulatorConfig, simulate


def test_what_is_not_known_costs_and_what_is_known_does_not() -> None:
    config = SimulatorConfig(lists=60, silent_sellers=True, false_clicks=False)
    logs = pa.concat_tables(simulate(config))
    known, stated = (
        ndcg_of(logs, logs[name].to_pylist()) for name in ("true_condition", "condition")
    )
    unknown = ndcg_of(logs, [None] * logs.num_rows)
    assert known == pytest.approx(np.ones(60), abs=1e-4)
    assert unknown.mean() < stated.mean() < known.mean()
