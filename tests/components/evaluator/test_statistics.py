import numpy as np
import pyarrow as pa
import pytest

from components.evaluator.bootstrap import poisson_weights
from components.evaluator.list_values import count_names
from components.evaluator.plan import Plan
from components.evaluator.statistics import slice_metrics

PLAN = Plan(grades={"click": 1}, truth=(), logged=False, cut_offs=("5",), replicates=200)


@pytest.mark.parametrize(("users", "interval"), [(1, False), (2, True), (40, True)])
def test_an_interval_needs_more_than_one_user(users: int, interval: bool) -> None:
    """40 lists whose NDCG differs; lists of a user get the same weight in a replicate."""
    names = pa.array([f"user {number % users}" for number in range(40)])
    weights = np.concatenate([np.ones((40, 1)), poisson_weights(names, 200)], axis=1)
    values = np.linspace(0.1, 0.9, 40) @ weights
    columns = np.tile(values, (len(PLAN.columns), 1))
    bases = np.tile(weights.sum(axis=0), (len(PLAN.bases), 1))
    counts = np.full(len(count_names(PLAN)), 40.0)
    metrics = slice_metrics(PLAN, np.concatenate([columns, bases]), counts)
    found = next(value for key, value in metrics.items() if key.name == "score/ndcg@5")
    assert (not isinstance(found, float)) == interval
