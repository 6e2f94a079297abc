"""Histories of rows: what is taken, and why rows are set aside."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.definition.dataset import Dataset
from data.definition.history import History
from data.errors import InputError
from data.rows import CanonicalRows, canonical_rows
from data.rows.histories import newest_entries
from data.rows.item_ids import item_hashes
from data.rows.raw import RawColumn
from data.rows.schema import LATE_ITEMS
from data.sources import RowBatch

NAN = float("nan")
PRICE = {"name": "price", "scope": "item", "kind": "numeric"}
SEEN_PRICE = {"name": "seen_price", "scope": "history", "like": "price"}
SEEN_BRAND = {"name": "seen_brand", "scope": "history", "kind": "categorical"}
AGE = {"name": "age", "scope": "history", "kind": "numeric"}
ROW = {"search": "a", "price": 1.0, "click": 0, "id": "x"}


def _dataset(*features: dict, **fields: Any) -> Dataset:
    definition = {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [PRICE, *features],
    }
    return Dataset.model_validate(definition | fields)


def _read(dataset: Dataset, *changes: dict, with_labels: bool = True) -> CanonicalRows:
    table = pa.Table.from_pylist([ROW | change for change in changes])
    return canonical_rows(dataset, RowBatch("logs", 1, table), with_labels)


def _reasons(found: CanonicalRows) -> dict[int, str]:
    return dict(
        zip(*(found.set_aside[name].to_pylist() for name in ("row", "reason")), strict=True)
    )


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("a|b", [b"a", b"b"]),
        (" a | b ", [b"a", b"b"]),
        ("['a'|'it''s']", [b"a", b"it''s"]),
        ("a||b", [b"a", b"", b"b"]),
        ("a|NULL", [b"a", b""]),
        ("True|6.0", [b"true", b"6"]),
        ("[]", []),
        ("", []),
        (None, []),
    ],
)
def test_text_is_taken_apart(text: str | None, entries: list[bytes]) -> None:
    found = _read(_dataset(SEEN_BRAND), {"seen_brand": text}, {"search": "b", "seen_brand": "z"})
    assert found.rows["seen_brand"].to_pylist() == [entries, [b"z"]]


def test_single_values_and_lists_of_any_type_are_histories() -> None:
    dataset = _dataset(SEEN_PRICE)
    for values in ([3, None], [[3], []], [["3.0"], None]):
        table = pa.table(
            {"search": ["a", "b"], "price": [1.0, 2.0], "click": [0, 1], "seen_price": values}
        )
        for typed in (table, table.slice(0)):
            found = canonical_rows(dataset, RowBatch("logs", 1, typed))
            assert found.rows["seen_price"].to_pylist() == [[3.0], []]
    large = pa.array([[1.0, None], []], pa.large_list(pa.float64()))
    found = canonical_rows(dataset, RowBatch("logs", 1, table.set_column(3, "seen_price", large)))
    assert str(found.rows["seen_price"].to_pylist()) == "[[1.0, nan], []]"


@pytest.mark.parametrize(
    ("values", "entries"),
    [
        (pa.array([["a"], ["a"]]).cast(pa.list_(pa.large_string())), [b"a"]),
        (pa.ListArray.from_arrays([0, 1, 2], pa.array(["a", "a"]).dictionary_encode()), [b"a"]),
        (pa.array([[1.0, None], [1.0, None]]), [b"1", b""]),
        (pa.array([[None], [None]]), [b""]),
        (pa.nulls(2), []),
    ],
)
def test_equal_histories_of_any_type_are_one(values: pa.Array, entries: list[bytes]) -> None:
    table = pa.table({"search": ["a", "a"], "price": [1, 2], "click": [0, 1], "seen_brand": values})
    found = canonical_rows(_dataset(SEEN_BRAND), RowBatch("logs", 1, table)).rows
    assert found["seen_brand"].to_pylist() == [entries, None]


def test_records_are_refused_with_the_name_of_a_field() -> None:
    table = pa.table({"search": ["a"], "price": [1], "click": [0], "seen_brand": [[{"of": "a"}]]})
    with pytest.raises(InputError, match=r"such as `column: seen_brand\.of`"):
        canonical_rows(_dataset(SEEN_BRAND), RowBatch("logs", 1, table))


def test_a_missing_value_of_a_single_entry_is_an_empty_text() -> None:
    found = _read(_dataset(SEEN_PRICE, SEEN_BRAND), {"seen_brand": "", "seen_price": "4"})
    assert found.rows["seen_brand"].to_pylist() == [[b""]]
    assert found.rows["seen_price"].to_pylist() == [[4.0]]


def test_a_history_stands_once_in_the_rows_of_a_list_that_have_it() -> None:
    changes = [
        {"seen_price": "1"},
        {"seen_price": "1"},
        {"seen_price": "2"},
        {"search": "b", "seen_price": "2"},
        {"search": "b", "seen_price": "2", "click": -1},
        {"search": "b", "seen_price": "2"},
    ]
    found = _read(_dataset(SEEN_PRICE), *changes)
    assert found.rows["seen_price"].to_pylist() == [[1.0], None, [2.0], [2.0], None]
    # Where the first row of a list cannot be used, the next one has its history.
    found = _read(_dataset(SEEN_PRICE), {"click": -1, "seen_price": "1"}, {"seen_price": "1"})
    assert found.rows["seen_price"].to_pylist() == [[1.0]]


def test_unequal_lengths_are_set_aside_row_by_row() -> None:
    changes = [
        {"seen_price": "1|2", "seen_brand": "a|b|c"},
        {"seen_price": "1|2", "seen_brand": "a|b|c"},
        {"search": "b", "seen_price": "1|2", "seen_brand": "a|b"},
        {"search": "c", "seen_price": "1|2", "seen_brand": ""},
    ]
    found = _read(_dataset(SEEN_PRICE, SEEN_BRAND), *changes)
    assert found.rows["seen_brand"].to_pylist() == [[b"a", b"b"]]
    expected = "expected as many entries as the other columns of the history have, found"
    assert _reasons(found) == {
        1: f"seen_price: {expected} '2 of 3'",
        2: f"seen_price: {expected} '2 of 3'",
        4: f"seen_brand: {expected} '0 of 2'",
    }


def test_wrong_entries_are_set_aside_with_what_was_found() -> None:
    found = _read(
        _dataset(SEEN_PRICE), {"seen_price": "1|dear|far"}, {"search": "b", "seen_price": "2"}
    )
    assert _reasons(found) == {1: "seen_price: expected a number, found 'dear'"}
    assert found.rows["seen_price"].to_pylist() == [[2.0]]
    # What is older than the entries that are kept is not looked at.
    few = _dataset(SEEN_PRICE, history={"newest": 1})
    assert _read(few, {"seen_price": "1|dear"}).rows["seen_price"].to_pylist() == [[1.0]]


def test_an_optional_column_may_be_absent_and_is_missing_throughout() -> None:
    dataset = _dataset(SEEN_PRICE | {"optional": True}, SEEN_BRAND)
    found = _read(dataset, {"seen_brand": "a|b"})
    assert str(found.rows["seen_price"].to_pylist()) == "[[nan, nan]]"


def test_ages_order_entries_and_may_not_lie_in_the_future() -> None:
    dataset = _dataset(AGE, SEEN_BRAND, history={"age": "age", "newest": 2})
    found = _read(
        dataset,
        {"age": "3||0|1", "seen_brand": "c|d|a|b"},
        {"search": "b", "age": "2|-0.5", "seen_brand": "a|b"},
    )
    assert found.rows["seen_brand"].to_pylist() == [[b"a", b"b"]]
    (reason,) = _reasons(found).values()
    assert reason == (
        "age: expected a number of 0 or more, since an age below 0 lies in the future, found '-0.5'"
    )


def test_times_after_the_lists_are_set_aside() -> None:
    dataset = _dataset(
        AGE, history={"age": "age", "at": "seen_at"}, time={"column": "shown", "unit": "s"}
    )
    found = _read(
        dataset,
        {"shown": 7_200, "seen_at": [3_600, 0, None]},
        {"search": "b", "shown": 7_200, "seen_at": [3_600, 7_201]},
    )
    # An hour and two hours.
    assert str(found.rows["age"].to_pylist()) == "[[1.0, 2.0, nan]]"
    assert _reasons(found) == {
        2: "seen_at: expected a time that is not after the list's, found '7201'"
    }
    scored = _read(dataset, {"shown": 7_200, "seen_at": [3_600]}, with_labels=False)
    assert scored.rows["age"].to_pylist() == [[1.0]]


@pytest.mark.parametrize(
    ("history", "past", "late"),
    [
        ({"age": "age"}, {"seen_id": "x|z|y||x", "age": "0|0|1|0|2"}, ["x", "z"]),
        ({"age": "age"}, {"seen_id": "x|z", "age": "0.5|"}, []),
        ({}, {"seen_id": "x|z", "age": "5|0"}, ["x"]),
        ({"order": "oldest_first"}, {"seen_id": "x|z", "age": "5|5"}, ["z"]),
        ({}, {"seen_id": "", "age": ""}, []),
    ],
)
def test_items_of_past_actions_no_older_than_the_list_go_with_its_history(
    history: dict, past: dict, late: list[str]
) -> None:
    dataset = _dataset(AGE, item="id", history={**history, "item": "seen_id"})
    found = _read(dataset, past, past, {"search": "b", "seen_id": "q", "age": "3"})
    ids = RawColumn(pa.array(late, pa.string()), "id", "item", "logs")
    expected = (
        [] if "age" in history else item_hashes(replace(ids, values=pa.array(["q"]))).tolist()
    )
    assert found.rows[LATE_ITEMS].to_pylist() == [item_hashes(ids).tolist(), None, expected]
    assert LATE_ITEMS not in _read(dataset, past, with_labels=False).rows.schema.names


def test_the_newest_entries_are_kept() -> None:
    lengths, ages = np.array([3, 0, 2]), np.array([5.0, NAN, 1.0, 2.0, 2.0])
    oldest = History(newest=2, order="oldest_first")
    for history, given, places in (
        (History(newest=2), None, [0, 1, 3, 4]),
        (oldest, None, [2, 1, 4, 3]),
        (History(newest=2), ages, [2, 0, 3, 4]),
        (oldest, ages, [2, 0, 4, 3]),
    ):
        found, left = newest_entries(history, lengths, given)
        assert (found.tolist(), left.tolist()) == (places, [2, 0, 2])
