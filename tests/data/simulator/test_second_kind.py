"""Shops among the listings: what they have, what they lack, and what people do with them."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data.simulator.second_kind import OF_LISTINGS, OF_SHOPS, SHARES

Simulate = Callable[..., pa.Table]


@pytest.fixture(scope="module")
def mixed(simulated: Simulate) -> pa.Table:
    return simulated(lists=2_000, second_kind=True)


def _shop(table: pa.Table) -> np.ndarray:
    return np.asarray(pc.equal(table["item_kind"], "shop"))


def test_a_shop_has_no_price_and_two_features_of_its_own(mixed: pa.Table) -> None:
    shop = _shop(mixed)
    for name in (*OF_LISTINGS, "condition"):
        assert not np.asarray(mixed[name].is_valid())[shop].any(), name
        assert np.asarray(mixed[name].is_valid())[~shop].all(), name
    for name in OF_SHOPS:
        assert np.array_equal(np.asarray(mixed[name].is_valid()), shop), name


@pytest.mark.parametrize("others", [{}, {"single_pieces": True, "histories": True}])
def test_from_a_tenth_to_a_quarter_of_the_positions_are_shops(
    others: dict, simulated: Simulate
) -> None:
    table = simulated(lists=2_000, second_kind=True, **others)
    shop = _shop(table)
    assert shop.mean() == pytest.approx(SHARES.mean(), abs=0.03)
    category = np.asarray(table["query_category"])
    shares = [shop[category == one].mean() for one in ("art", "toys")]
    assert shares == pytest.approx([0.10, 0.25], abs=0.03)
    if others:
        assert np.array_equal(np.asarray(table["stock"].is_valid()), ~shop)
        viewed = pc.list_flatten(table["viewed_price"])
        assert viewed.null_count == 0
        assert not np.isnan(np.asarray(viewed)).any()


def test_listings_are_what_they_are_without_shops(mixed: pa.Table, simulated: Simulate) -> None:
    plain = simulated(lists=2_000)
    assert mixed["list_id"].equals(plain["list_id"])
    listing = pa.array(~_shop(mixed))
    prices = [mixed["price"].filter(listing), plain["price"]]
    assert set(prices[0].to_pylist()) <= set(prices[1].to_pylist())


def test_quick_answers_are_liked_and_truth_is_known_of_all(mixed: pa.Table) -> None:
    shop = _shop(mixed)
    truth = np.asarray(mixed["true_probability_click"], float)
    assert np.isfinite(truth).all()
    hours = np.asarray(mixed["answer_hours"], float)
    assert truth[shop & (hours < 2)].mean() > 1.3 * truth[shop & (hours > 12)].mean()
    clicks = np.asarray(mixed["click"], float)
    assert 0.5 < clicks[shop].mean() / clicks[~shop].mean() < 2
    # Within a list a shop's chances depend on what is logged of it.
    assert truth[shop].std() > 0.1


def test_shops_have_times_and_refunds_where_asked_for(simulated: Simulate) -> None:
    table = simulated(lists=400, second_kind=True, late_feedback=True, refunds=True)
    assert np.isfinite(np.asarray(table["true_purchase_days"], float)).all()
