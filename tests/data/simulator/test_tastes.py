"""What people want differs by region, in other ways than by a factor on a feature."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest

from data.list_metrics import list_ndcg
from data.simulator.tastes import tastes

Simulate = Callable[..., pa.Table]
TASKS = ("click", "add_to_cart", "purchase")


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    return table[column].to_numpy().astype(float)


@pytest.fixture(scope="module")
def average(simulated: Simulate) -> pa.Table:
    """The same queries and listings, wanted alike in all regions."""
    return simulated(regional_tastes=False)


def _gain_of_home(table: pa.Table, region: str) -> float:
    """How much likelier than a foreign listing a domestic one is purchased once it is clicked."""
    rates = _numbers(table, "true_probability_purchase") / _numbers(table, "true_probability_click")
    here = table["country"].to_numpy() == region
    home = table["listing_country"].to_numpy() == region
    return float(np.log(rates[here & home].mean() / rates[here & ~home].mean()))


def test_some_regions_favour_domestic_listings_and_some_foreign_ones(logs: pa.Table) -> None:
    assert _gain_of_home(logs, "FR") > 0.3
    assert _gain_of_home(logs, "ES") < -0.3


def test_without_regional_tastes_none_favours_foreign_listings(average: pa.Table) -> None:
    assert _gain_of_home(average, "FR") > 0
    assert _gain_of_home(average, "ES") > 0


def test_without_regional_tastes_all_regions_want_the_same() -> None:
    same = tastes(regional=False)
    for field in fields(same):
        values = getattr(same, field.name)
        assert np.all(values == values[0])


def test_tastes_change_no_feature(logs: pa.Table, average: pa.Table) -> None:
    for name in ("price", "position", "user_id", "style", "condition"):
        assert logs[name].equals(average[name])
    assert not logs["true_probability_click"].equals(average["true_probability_click"])


def _share_of_the_way(logs: pa.Table, task: str, scores: np.ndarray) -> float:
    """From random to the best possible order, with true probabilities as gains."""
    truth = _numbers(logs, f"true_probability_{task}")
    lengths = np.unique(logs["list_id"].to_numpy(), return_counts=True)[1]
    reached, random = (
        list_ndcg(truth, order, lengths, None).mean() for order in (scores, np.zeros(len(truth)))
    )
    return float((reached - random) / (1 - random))


@pytest.mark.parametrize("task", TASKS)
def test_average_tastes_go_only_part_of_the_way(
    logs: pa.Table, average: pa.Table, task: str
) -> None:
    blind = _numbers(average, f"true_probability_{task}")
    assert 0.55 < _share_of_the_way(logs, task, blind) < 0.8


@pytest.mark.parametrize("task", TASKS)
def test_the_shown_order_is_mediocre(logs: pa.Table, task: str) -> None:
    assert 0.05 < _share_of_the_way(logs, task, -_numbers(logs, "position")) < 0.3


def test_tasks_want_different_orders(logs: pa.Table) -> None:
    clicks = _numbers(logs, "true_probability_click")
    assert 0.5 < _share_of_the_way(logs, "purchase", clicks) < 0.9
