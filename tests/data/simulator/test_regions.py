from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pytest

from data.metrics.list_metrics import list_ndcg
from data.simulator.draws import Floats
from data.simulator.regions import LANGUAGES, REGIONS, SHARES, alike, tastes

Simulate = Callable[..., pa.Table]
TASKS = ("click", "add_to_cart", "purchase")


@dataclass(frozen=True)
class Parameters:
    level: Floats


def test_shares_are_very_unequal_and_make_a_whole() -> None:
    assert len(REGIONS) == len(LANGUAGES) == len(SHARES) == 10
    assert SHARES.sum() == pytest.approx(1, abs=1e-6)
    assert SHARES.max() / SHARES.min() == pytest.approx(0.38 / 0.005)


def test_regions_have_their_share_of_the_lists(logs: pa.Table) -> None:
    lists = logs.group_by(["list_id", "country"]).aggregate([])["country"].to_numpy()
    for region, share in zip(REGIONS, SHARES, strict=True):
        deviation = np.sqrt(share * (1 - share) / 12_000)
        assert np.mean(lists == region) == pytest.approx(float(share), abs=4 * float(deviation))


def test_both_platforms_are_used_in_every_region(logs: pa.Table) -> None:
    pairs = logs.group_by(["country", "platform"]).aggregate([])
    assert pairs.num_rows == 10 * 2


def test_alike_gives_every_region_the_mean_weighted_by_lists() -> None:
    level = np.zeros(10, dtype=np.float32)
    level[[0, 1]] = 1.0, 2.0
    # .38 * 1 + .18 * 2
    assert alike(Parameters(level)).level == pytest.approx(np.full(10, 0.74))


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
