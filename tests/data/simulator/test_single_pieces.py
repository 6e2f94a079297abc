"""Listings in stock of one: sold once, gone afterwards."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from data.simulator import SimulatorConfig
from data.simulator.regions import STYLE_LENGTH
from data.simulator.single_pieces import OnSale
from data.simulator.supply import Listings

Simulate = Callable[..., pa.Table]


@pytest.fixture(scope="module")
def pieces(simulated: Simulate) -> pa.Table:
    return simulated(lists=2_500, single_pieces=True)


def test_a_piece_is_in_no_list_after_it_was_sold(pieces: pa.Table) -> None:
    rows = pieces.select(["listing_id", "list_id", "stock", "purchase"]).to_pandas()
    single = rows[rows.stock == 1]
    sold = single[single.purchase == 1]
    assert len(sold) > 50
    assert not sold.listing_id.duplicated().any()
    last = single.groupby("listing_id").list_id.max()
    assert (last[sold.listing_id].to_numpy() == sold.list_id.to_numpy()).all()
    # Others are sold many times over.
    assert rows[(rows.stock > 1) & (rows.purchase == 1)].listing_id.duplicated().any()


def test_a_third_of_the_positions_are_pieces_and_they_come_and_go(pieces: pa.Table) -> None:
    rows = pieces.select(["listing_id", "list_id", "stock", "condition"]).to_pandas()
    single = rows.stock == 1
    assert 0.25 < single.mean() < 0.4
    assert not (rows.stock < 1).any()
    late = rows.list_id >= "00002000"
    early = set(rows.listing_id[rows.list_id < "00001000"])
    seen_before = rows.listing_id[late].isin(early)
    assert seen_before[single].mean() < 0.7 * seen_before[~single].mean()
    of_kind = single.groupby(rows.condition).mean()
    assert of_kind["vintage"] > 1.3 * of_kind["new"]


def test_a_listing_is_once_in_a_list_and_the_same_in_all(pieces: pa.Table) -> None:
    rows = pieces.select(["listing_id", "list_id", "price", "brand", "stock"]).to_pandas()
    assert not rows.duplicated(["list_id", "listing_id"]).any()
    assert (rows.groupby("listing_id")[["price", "brand", "stock"]].nunique() <= 1).all(axis=None)


def test_lists_stay_whole(pieces: pa.Table) -> None:
    rows = pieces.select(["list_id", "position"]).to_pandas()
    of_list = rows.groupby("list_id").position
    assert (of_list.max() == of_list.size()).all()
    assert of_list.size().max() <= 40


def test_the_first_who_wants_a_piece_has_it() -> None:
    numbers, size = np.array([7, 3, 7, 3, 7, 3]), 6
    fields = dict.fromkeys(Listings.__dataclass_fields__, np.zeros(size))
    listings = Listings(
        **{
            **fields,
            "row": np.array([0, 0, 1, 1, 2, 2]),
            "style": np.zeros((size, STYLE_LENGTH)),
            "number": numbers,
            "stock": np.where(numbers == 7, 1, 9),
        }
    )
    on_sale = OnSale(np.zeros(8, np.int64), np.full(8, 1_000))
    shown_at = np.array([10, 10, 20, 20, 30, 30])
    wanted = np.array([False, True, True, True, True, False])
    there = on_sale.sell(listings, shown_at, wanted)
    assert there.tolist() == [True, True, True, True, False, True]
    assert on_sale.at(np.array([7, 7, 3]), np.array([19, 20, 999])).tolist() == [True, False, True]


def test_equal_configurations_sell_alike(simulated: Simulate) -> None:
    chosen: dict[str, object] = {"lists": 1_100, "single_pieces": True, "shortest_list": 30}
    assert simulated(**chosen).equals(simulated(**chosen))
    assert SimulatorConfig.model_validate(chosen).has_catalogue
