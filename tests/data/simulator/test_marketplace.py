import json
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from data.simulator import SIMULATOR_VERSION, SimulatorConfig, simulate
from data.simulator.config import DAYS
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY

Simulate = Callable[..., pa.Table]
LABELS = ("click", "add_to_cart", "purchase")


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    return table[column].to_numpy().astype(float)


def _lengths(table: pa.Table) -> np.ndarray:
    return np.unique(table["list_id"].to_numpy(), return_counts=True)[1]


def test_lists_are_whole_sorted_and_shown_from_position_one(logs: pa.Table) -> None:
    ids = logs["list_id"].to_numpy()
    lengths = _lengths(logs)
    assert len(lengths) == 12_000
    assert np.all(ids[:-1] <= ids[1:])
    expected = np.concatenate([np.arange(1, length + 1) for length in lengths])
    assert np.array_equal(logs["position"].to_numpy(), expected)


def test_lists_are_of_uneven_length(logs: pa.Table) -> None:
    lengths = _lengths(logs)
    assert (lengths.min(), lengths.max()) == (8, 40)
    # 8 + 32 * 1.4 / (1.4 + 1.2)
    assert lengths.mean() == pytest.approx(25.2, abs=0.3)
    assert lengths.std() > 7


def test_no_block_tears_a_list() -> None:
    tables = list(simulate(SimulatorConfig(lists=2_300)))
    assert [len(_lengths(table)) for table in tables] == [1_000, 1_000, 300]


def test_equal_configurations_give_equal_logs_and_other_seeds_do_not(simulated: Simulate) -> None:
    assert simulated(lists=1_200).equals(simulated(lists=1_200))
    other = simulated(lists=1_200, seed=2)
    assert not simulated(lists=1_200)["price"].equals(other["price"])


def test_metadata_names_version_and_configuration(simulated: Simulate) -> None:
    metadata = simulated(lists=3, seed=7).schema.metadata
    assert metadata[b"simulator_version"] == str(SIMULATOR_VERSION).encode()
    config = json.loads(metadata[b"simulator_config"])
    assert SimulatorConfig.model_validate(config) == SimulatorConfig(lists=3, seed=7)


def test_lists_come_in_the_order_of_time_over_all_days(logs: pa.Table) -> None:
    shown_at = logs["shown_at"].cast(pa.int64()).to_numpy()
    assert np.all(np.diff(shown_at) >= 0)
    day = (shown_at - FIRST_DAY.timestamp() * 1000) // DAY_MILLISECONDS
    assert sorted(set(day)) == list(range(DAYS))


@pytest.mark.parametrize(
    "column", ["shown_at", "user_id", "randomised", "country", "platform", "query_words", "hour"]
)
def test_a_list_has_one_value_of_each_context_column(logs: pa.Table, column: str) -> None:
    pairs = logs.group_by(["list_id", column]).aggregate([("position", "count")])
    assert pairs.num_rows == 12_000


def test_a_user_belongs_to_one_region_and_returns(logs: pa.Table) -> None:
    lists = logs.group_by(["user_id", "country", "list_id"]).aggregate([])
    users = len(set(lists["user_id"].to_pylist()))
    assert lists.group_by(["user_id", "country"]).aggregate([]).num_rows == users
    assert 2 < 12_000 / users < 6


def test_one_list_in_twenty_is_randomised(logs: pa.Table) -> None:
    lists = logs.group_by(["list_id", "randomised"]).aggregate([])
    # Two deviations of a share of .05 in 12,000 lists are .004.
    assert _numbers(lists, "randomised").mean() == pytest.approx(0.05, abs=0.006)


def test_the_shown_order_is_better_than_a_random_one_unless_randomised(logs: pa.Table) -> None:
    def rises(randomised: int) -> float:
        kept = logs.filter(pa.compute.equal(logs["randomised"], randomised))
        return float(np.corrcoef(_numbers(kept, "position"), _numbers(kept, "text_match"))[0, 1])

    assert rises(0) < -0.1
    assert rises(1) == pytest.approx(0, abs=0.03)


def test_vectors_have_eight_numbers_or_are_missing(logs: pa.Table) -> None:
    style = logs["style"].combine_chunks()
    assert style.null_count / len(style) == pytest.approx(0.02, abs=0.002)
    assert len(style.flatten()) == 8 * (len(style) - style.null_count)


def test_missing_values_are_null_and_never_not_a_number(logs: pa.Table) -> None:
    for name in ("seller_rating", "brand"):
        assert logs[name].null_count > 0
    known = logs["seller_rating"].drop_null().to_numpy()
    assert np.all((known >= 1) & (known <= 5))


def test_fewer_tasks_leave_the_others_as_they_were(simulated: Simulate) -> None:
    three, two = simulated(lists=50), simulated(lists=50, tasks=2)
    left_out = {"purchase", "true_probability_purchase"}
    assert set(three.column_names) - set(two.column_names) == left_out
    assert all(two[name].equals(three[name]) for name in two.column_names)


def test_more_features_leave_the_others_as_they_were(simulated: Simulate) -> None:
    plain, wide = simulated(lists=50), simulated(lists=50, item_features=30, context_features=10)
    assert wide.num_columns == plain.num_columns + (30 - 17) + (10 - 7)
    assert all(wide[name].equals(plain[name]) for name in plain.column_names)


def test_lists_can_be_widened(simulated: Simulate) -> None:
    wide = simulated(lists=3, shortest_list=500, longest_list=500)
    assert _lengths(wide).tolist() == [500, 500, 500]


def test_purchases_are_among_carts_and_carts_among_clicks(logs: pa.Table) -> None:
    click, cart, purchase = (_numbers(logs, name) for name in LABELS)
    assert np.all((purchase <= cart) & (cart <= click))
    truths = [_numbers(logs, f"true_probability_{name}") for name in LABELS]
    assert np.all((truths[2] < truths[1]) & (truths[1] < truths[0]))
    assert np.all((truths[2] > 0) & (truths[0] < 1))


def test_actions_are_as_rare_as_in_real_logs(logs: pa.Table) -> None:
    click, cart, purchase = (_numbers(logs, name).sum() for name in LABELS)
    assert 0.05 < click / logs.num_rows < 0.09
    assert 0.15 < cart / click < 0.22
    assert 0.3 < purchase / cart < 0.45


def test_the_largest_region_has_enough_purchases_to_be_judged(logs: pa.Table) -> None:
    late = logs["shown_at"].cast(pa.int64()).to_numpy()
    late = late >= FIRST_DAY.timestamp() * 1000 + 14 * DAY_MILLISECONDS
    bought = late & (logs["country"].to_numpy() == "US") & (_numbers(logs, "purchase") > 0)
    assert len(set(logs["list_id"].to_numpy()[bought])) >= 100
