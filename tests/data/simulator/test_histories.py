"""Users with tastes, and the columns that say what they clicked before."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from data.simulator import SimulatorConfig
from data.simulator.histories import CHANGED_DAYS
from data.simulator.past_actions import NEWEST
from data.simulator.shifts import CATEGORIES, CATEGORY_LEVELS

Simulate = Callable[..., pa.Table]
HISTORY = (
    *("viewed_listing", "viewed_category", "viewed_price", "viewed_condition", "viewed_stock"),
    *("viewed_action", "hours_ago"),
)


@pytest.fixture(scope="module")
def logs_with_pieces(simulated: Simulate) -> pa.Table:
    return simulated(lists=2_500, histories=True, single_pieces=True)


@pytest.fixture(scope="module")
def lists(logs_with_pieces: pa.Table) -> pa.Table:
    """The first row of every list."""
    return logs_with_pieces.filter(pc.equal(logs_with_pieces["position"], 1))


def test_histories_are_parallel_newest_first_and_all_in_the_past(lists: pa.Table) -> None:
    lengths = [pc.list_value_length(lists[name]) for name in HISTORY]
    assert all(length.equals(lengths[0]) for length in lengths)
    assert pc.max(lengths[0]).as_py() <= NEWEST
    assert pc.min(lengths[0]).as_py() == 0
    for ages in lists["hours_ago"].to_pylist():
        assert ages == sorted(ages)
        assert not ages or ages[0] > 0


def test_rows_of_a_list_have_one_history(logs_with_pieces: pa.Table) -> None:
    ages = pd.Series(logs_with_pieces["hours_ago"].to_pylist()).map(tuple)
    assert (ages.groupby(logs_with_pieces["list_id"].to_pandas()).nunique() == 1).all()


def test_a_history_has_the_clicks_of_earlier_lists_and_not_its_own(
    logs_with_pieces: pa.Table,
) -> None:
    names = ["list_id", "user_id", "shown_at", "listing_id", "click", "add_to_cart", "purchase"]
    rows = logs_with_pieces.select([*names, "viewed_listing", "viewed_action"]).to_pandas()
    clicked = rows[rows.click == 1]
    of_lists = rows.drop_duplicates("list_id").set_index("list_id")
    seen = 0
    for user, own in list(of_lists.groupby("user_id"))[:150]:
        for name, one in own.iterrows():
            minute = pd.Timedelta(minutes=1)
            before = clicked[(clicked.user_id == user) & (clicked.shown_at + minute < one.shown_at)]
            if not len(before) or len(one.viewed_listing) == NEWEST:
                continue
            assert set(one.viewed_listing[: len(before)]) == set(before.listing_id), name
            furthest = before.sort_values("shown_at").iloc[-1]
            expected = ("click", "add_to_cart", "purchase")[
                furthest.add_to_cart + furthest.purchase
            ]
            assert expected in one.viewed_action[: len(before)]
            seen += 1
    assert seen > 50


def test_tastes_show_in_what_was_clicked_lately_and_not_long_ago(lists: pa.Table) -> None:
    """By the share of clicks on the condition that a user likes best for such things."""
    own = lists.select([*HISTORY, "stock", "true_liked_condition"]).to_pandas()
    entries = own.explode(list(HISTORY)).dropna(subset=["hours_ago"])
    same_stock = (entries.viewed_stock == 1) == (entries.stock == 1)
    old = entries.hours_ago > 24 * (CHANGED_DAYS + 17)
    liked = entries.viewed_condition == entries.true_liked_condition
    lately, of_others, before = (
        liked[mask].mean() for mask in (same_stock & ~old, ~same_stock & ~old, same_stock & old)
    )
    assert lately > 1.4 * max(of_others, before)


def test_who_likes_dear_things_has_clicked_dear_things(lists: pa.Table) -> None:
    own = lists.select([*HISTORY, "stock", "country", "true_price_taste"]).to_pandas()
    own["list"] = np.arange(len(own))
    entries = own.explode(list(HISTORY)).dropna(subset=["hours_ago"])
    entries = entries[
        ((entries.viewed_stock == 1) == (entries.stock == 1))
        & (entries.hours_ago < 24 * CHANGED_DAYS)
        & (entries.country == "US")
    ]
    level = entries.viewed_category.map(dict(zip(CATEGORIES, CATEGORY_LEVELS, strict=True)))
    dearness = np.log(entries.viewed_price.astype(float)) - level.astype(float)
    means = dearness.groupby(entries["list"]).mean()
    taste = entries.groupby("list").true_price_taste.first()
    assert np.corrcoef(means, taste)[0, 1] > 0.35


def test_pieces_that_were_sold_are_known_from_histories_alone(
    logs_with_pieces: pa.Table, lists: pa.Table
) -> None:
    entries = lists.select(HISTORY).to_pandas().explode(list(HISTORY)).dropna(subset=["hours_ago"])
    shown = set(logs_with_pieces["listing_id"].to_pylist())
    single = entries.viewed_stock == 1
    known = entries.viewed_listing.isin(shown)
    assert 0.3 < single.mean() < 0.7
    assert known[single].mean() < 0.6 < known[~single].mean()


def test_all_is_in_deep_stock_without_the_other_switch(simulated: Simulate) -> None:
    table = simulated(lists=300, histories=True)
    assert pc.min(table["stock"]).as_py() >= 2
    assert pc.min(pc.list_flatten(table["viewed_stock"])).as_py() >= 2
    assert simulated(lists=300, histories=True).equals(table)


def test_fewer_tasks_are_fewer_actions(simulated: Simulate) -> None:
    table = simulated(lists=200, histories=True, tasks=2)
    actions = set(pc.unique(pc.list_flatten(table["viewed_action"])).to_pylist())
    assert actions == {"click", "add_to_cart"}


def test_histories_do_not_know_late_actions() -> None:
    with pytest.raises(ValidationError, match="histories are without late_feedback"):
        SimulatorConfig(histories=True, late_feedback=True)
