"""Sums of lists in any order are one result, with intervals."""

import numpy as np
import pyarrow as pa
import pytest
import tensorflow_model_analysis as tfma

from components.evaluator.list_values import count_names
from components.evaluator.plan import BASELINE, CANDIDATE, Column, Plan
from components.evaluator.ranking_metrics import Sums, SumsCombiner, slice_metrics
from data.poisson_weights import poisson_weights

MRR = "score/mrr"


def make_plan(models: tuple[str, ...] = (CANDIDATE,)) -> Plan:
    return Plan(
        grades={"click": 1},
        truth=("click",),
        logged=False,
        cut_offs=("all",),
        replicates=200,
        models=models,
    )


class Slice:
    """Lists with one value for every column of a model, and 0.3 for the random order."""

    def __init__(self, plan: Plan, users: list[str]) -> None:
        self.plan = plan
        self._weights = np.ones((len(users), 201), np.uint8)
        self._weights[:, 1:] = poisson_weights(pa.array(users), 200)

    def rows(self, counted: np.ndarray, **values: np.ndarray) -> list[dict[str, np.ndarray]]:
        zeros = np.zeros(len(counted))
        columns = [self._values(column, values, zeros) for column in self.plan.columns]
        matrix = np.stack([*columns, *[zeros + 1] * len(self.plan.bases)], axis=1)
        matrix *= counted[:, np.newaxis]
        counts = [
            counted if name.startswith("lists/") else zeros + (name == "lists")
            for name in count_names(self.plan)
        ]
        rows = zip(matrix, self._weights, np.stack(counts, axis=1), strict=True)
        return [{"values": v, "weights": w, "counts": c} for v, w, c in rows]

    def metrics(
        self, rows: list[dict[str, np.ndarray]], parts: int = 1
    ) -> dict[tfma.metrics.MetricKey, object]:
        combiner = SumsCombiner(self.plan.model_dump_json())
        sums: list[Sums] = []
        for part in range(parts):
            accumulator = combiner.create_accumulator()
            for row in rows[part::parts]:
                accumulator = combiner.add_input(accumulator, row)
            sums.append(combiner.compact(accumulator))
        return combiner.extract_output(combiner.merge_accumulators(sums))

    @staticmethod
    def _values(column: Column, values: dict[str, np.ndarray], zeros: np.ndarray) -> np.ndarray:
        return values[column.model] if column.model else zeros + 0.3


def key(name: str, model: str = "") -> tfma.metrics.MetricKey:
    return tfma.metrics.MetricKey(name, model_name=model, output_name="click")


def random_values(lists: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(lists)


def test_standard_error_is_that_of_a_mean() -> None:
    users = [f"user {number}" for number in range(2_000)]
    values = random_values(2_000, 1)
    part = Slice(make_plan(), users)
    estimate = part.metrics(part.rows(np.ones(2_000), candidate=values))[key(MRR)]
    assert float(estimate) == pytest.approx(values.mean())
    expected = values.std() / np.sqrt(2_000)
    # 200 replicates know a standard error to 5%.
    assert estimate.sample_standard_deviation == pytest.approx(expected, rel=0.2)
    assert estimate.sample_degrees_of_freedom == 199


def test_lists_of_one_user_count_as_one() -> None:
    values = random_values(500, 2)
    alone = Slice(make_plan(), [f"user {number}" for number in range(500)])
    together = Slice(make_plan(), [f"user {number // 4}" for number in range(500)])
    repeated = np.repeat(values[:125], 4)
    ones = np.ones(500)
    error = alone.metrics(alone.rows(ones, candidate=values))[key(MRR)]
    clustered = together.metrics(together.rows(ones, candidate=repeated))[key(MRR)]
    # Four equal lists a user hold what one holds: the error is sqrt(4) times that of 500 lists.
    ratio = clustered.sample_standard_deviation / error.sample_standard_deviation
    assert ratio == pytest.approx(2, rel=0.25)


def test_order_and_bundles_change_nothing() -> None:
    users = [f"user {number}" for number in range(300)]
    part = Slice(make_plan(), users)
    rows = part.rows(np.ones(300), candidate=random_values(300, 3))
    whole, torn = part.metrics(rows), part.metrics(rows[::-1], parts=7)
    assert whole.keys() == torn.keys()
    for name, value in whole.items():
        assert float(torn[name]) == pytest.approx(float(value), abs=1e-12)
        if isinstance(value, tfma.types.ValueWithTDistribution):
            expected = value.sample_standard_deviation
            assert torn[name].sample_standard_deviation == pytest.approx(expected, abs=1e-12)


def test_predicted_stands_over_observed_with_its_interval() -> None:
    plan = make_plan()
    users = [f"user {number}" for number in range(2_000)]
    part = Slice(plan, users)
    predicted = random_values(2_000, 4)
    # Each list's label is the .3 of every column without a model.
    found = part.metrics(part.rows(np.ones(2_000), candidate=predicted))[key("pcoc")]
    assert float(found) == pytest.approx(predicted.mean() / 0.3)
    expected = predicted.std() / np.sqrt(2_000) / 0.3
    assert found.sample_standard_deviation == pytest.approx(expected, rel=0.2)


def test_replicates_of_two_models_are_paired() -> None:
    part = Slice(make_plan((CANDIDATE, BASELINE)), [f"user {number}" for number in range(400)])
    before = random_values(400, 4)
    rows = part.rows(np.ones(400), candidate=before + 0.01, baseline=before)
    metrics = part.metrics(rows)
    change = metrics[key(MRR, CANDIDATE).make_diff_key()]
    # Each list gains .01: the change is sure, though each mean has an error of about .014.
    assert float(change) == pytest.approx(0.01)
    assert change.sample_standard_deviation == pytest.approx(0, abs=1e-12)
    assert metrics[key(MRR, CANDIDATE)].sample_standard_deviation > 0.01


def test_share_of_the_way_to_the_best_order() -> None:
    part = Slice(make_plan(), ["a", "b", "c"])
    metrics = part.metrics(part.rows(np.ones(3), candidate=np.full(3, 0.65)))
    # Random .3, best 1: (.65 - .3) / (1 - .3) is half of the way.
    share = metrics[key("score/expected_ndcg@all/share_of_best")]
    assert float(share) == pytest.approx(0.5)
    assert float(metrics[key(f"{MRR}/above_random")]) == pytest.approx(0.35)


def test_a_slice_without_relevant_lists_is_not_measurable() -> None:
    part = Slice(make_plan(), ["a", "b"])
    metrics = part.metrics(part.rows(np.zeros(2), candidate=np.ones(2)))
    assert np.isnan(metrics[key(MRR)])


def test_one_list_has_a_value_and_no_interval() -> None:
    part = Slice(make_plan(), ["a", "b"])
    metrics = part.metrics(part.rows(np.array([1.0, 0.0]), candidate=np.full(2, 0.5)))
    assert metrics[key(MRR)] == 0.5
    assert not isinstance(metrics[key(MRR)], tfma.types.ValueWithTDistribution)


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
