from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from data.errors import InputError
from data.listings.listings import ListingColumns, listings_of

COLUMNS = {"category": ["a"] * 5, "title": ["t"] * 5}


def test_what_is_stated_absent_and_empty() -> None:
    colours = ["red", " ", "N/A", None, "blue "]
    stated = listings_of(pa.table(COLUMNS | {"C": colours}), ListingColumns(), ["C"]).stated["C"]
    assert stated.listings.tolist() == [0, 4]
    assert stated.values == ["red", "blue"]
    assert stated.absent.tolist() == [False, False, True, False, False]
    assert stated.empty.tolist() == [False, True, False, True, False]


def test_lists_state_several_values() -> None:
    colours = [["red", "blue"], [], None, ["n/a"], ["n/a", "red"]]
    stated = listings_of(pa.table(COLUMNS | {"C": colours}), ListingColumns(), ["C"]).stated["C"]
    assert stated.listings.tolist() == [0, 0, 4]
    assert stated.values == ["red", "blue", "red"]
    assert stated.absent.tolist() == [False, False, False, True, False]
    assert stated.empty.tolist() == [False, True, True, False, False]


def test_numbers_and_codes_are_texts() -> None:
    table = pa.table({**COLUMNS, "N": [1, 2, None, 4, 5]})
    table = table.append_column("D", table["title"].dictionary_encode())
    found = listings_of(table, ListingColumns(), ["N", "D", "none such"]).stated
    assert found["N"].values == ["1", "2", "4", "5"]
    assert found["D"].values == ["t"] * 5
    assert found["none such"].empty.all()


def test_numbers_that_are_none_are_empty_and_decimals_keep_their_digits() -> None:
    drawn = {"N": [10.0, float("nan"), None, 0.5, 2.0], "D": [Decimal("1.50"), *[None] * 4]}
    found = listings_of(pa.table(COLUMNS | drawn), ListingColumns(), ["N", "D"]).stated
    assert found["N"].values == ["10", "0.5", "2"]
    assert found["N"].empty.tolist() == [False, True, True, False, False]
    assert found["D"].values == ["1.50"]


def test_some_of_them() -> None:
    table = pa.table(COLUMNS | {"C": ["red", None, "blue", "n/a", "green"]})
    some = listings_of(table, ListingColumns(), ["C"]).take(np.array([4, 3, 0]))
    assert len(some) == 3
    assert dict(zip(some.stated["C"].listings.tolist(), some.stated["C"].values, strict=True)) == {
        0: "green",
        2: "red",
    }
    assert some.stated["C"].absent.tolist() == [False, True, False]


def test_what_has_no_text_is_told() -> None:
    table = pa.table(COLUMNS | {"C": [{"a": 1}] * 5})
    with pytest.raises(InputError, match="column 'C': expected texts, found struct"):
        listings_of(table, ListingColumns(), ["C"])


def test_a_column_that_is_missing_is_told() -> None:
    with pytest.raises(InputError, match=r"column 'title' with the title, found none.*Title"):
        ListingColumns().check(["category", "Title"], "a.csv")
