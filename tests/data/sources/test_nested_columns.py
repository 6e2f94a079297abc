"""Fields of nested columns by dotted names, however their writer marks lists."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from data.rows import canonical_rows
from data.sources import source_for
from data.sources.nested_columns import (
    fields_of_nothing,
    leaves_of,
    nested_column,
    nested_names,
)

RECORD = pa.struct([("price", pa.float64()), ("tags", pa.list_(pa.string()))])
ENTRIES = [[{"price": 1.0, "tags": ["a", "b"]}, {"price": None, "tags": None}], [], None]
# As writers that do not mark lists leave them.
WRAPPED = pa.struct([("list", pa.list_(pa.struct([("element", RECORD)])))])


def _wrapped(entries: list[Any] | None) -> dict[str, Any] | None:
    return None if entries is None else {"list": [{"element": one} for one in entries]}


WITHOUT_FIELDS = pa.struct([("element", pa.null())])
HISTORIES = {
    "marked": pa.array(ENTRIES, pa.list_(RECORD)),
    "unmarked": pa.array([_wrapped(one) for one in ENTRIES], WRAPPED),
}


def _table(history: pa.Array) -> pa.Table:
    shop = pa.array([{"city": "Berlin"}, None, {"city": None}])
    return pa.table({"history": history, "shop": shop, "a.b": [1, 2, 3]})


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_fields_of_records(history: pa.Array) -> None:
    table = _table(history)
    assert nested_names(table.schema) == ["history.price", "history.tags", "shop.city"]
    found = {
        name: nested_column(table, name) for name in ("history.price", "history.tags", "shop.city")
    }
    assert {name: one.to_pylist() for name, one in found.items() if one is not None} == {
        "history.price": [[1.0, None], [], []],
        "history.tags": [[["a", "b"], None], [], []],
        "shop.city": ["Berlin", None, None],
    }
    column = nested_column(table, "a.b")
    assert column is not None
    assert column.to_pylist() == [1, 2, 3]
    assert nested_column(table, "history.name") is None
    assert nested_column(table.slice(0, 0), "history.price") is not None


def test_leaves_are_found_by_columns_fields_and_paths() -> None:
    leaves = ["id", "history.list.element.price", "history.list.element.tags.list.element", "a.b"]
    assert leaves_of(["history.price"], leaves) == [leaves[1]]
    assert leaves_of(["history.tags", "id"], leaves) == [leaves[0], leaves[2]]
    assert leaves_of(["history"], leaves) == leaves[1:3]
    assert leaves_of([leaves[1], "a.b"], leaves) == [leaves[1], "a.b"]


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_only_the_fields_that_are_named_are_read(history: pa.Array, tmp_path: Path) -> None:
    table = _table(history).append_column("search", pa.array(["a", "b", "c"]))
    table = table.append_column("price", pa.array([1, 2, 3])).append_column(
        "c", pa.array([0, 1, 0])
    )
    path = str(tmp_path / "logs.parquet")
    pq.write_table(table, path)
    dataset = Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "tasks": [{"name": "click", "grade": 1, "column": "c"}],
            "features": [
                {"name": "price", "scope": "item", "kind": "numeric"},
                {"name": "city", "column": "shop.city", "scope": "context", "kind": "categorical"},
                {"name": "seen", "column": "history.price", "scope": "history", "like": "price"},
            ],
        }
    )
    source = source_for(dataset)
    source.check([path])
    (batch,) = source.read(path)
    assert set(batch.table.column_names) == {"search", "price", "c", "shop", "history"}
    assert "tags" not in str(batch.table.schema)
    seen = batch.column("history.price")
    assert seen is not None
    assert seen.to_pylist() == [[1.0, None], [], []]
    scored = source_for(dataset, with_labels=False, every_column=True)
    (batch,) = scored.read(path)
    assert batch.table.column_names == table.column_names


# As pandas writes histories that are all empty.
NOTHING = {
    "lists": pa.array([[], None]),
    "nulls": pa.nulls(2),
    "wrapped": pa.array([{"list": []}, None], pa.struct([("list", pa.list_(WITHOUT_FIELDS))])),
}


@pytest.mark.parametrize("history", NOTHING.values(), ids=NOTHING)
def test_a_column_without_values_has_any_field(history: pa.Array) -> None:
    table = pa.table({"history": history, "shop": ["a", "b"], "history.own": [1, 2]})
    names = ["history.price", "history.at", "history.own", "shop.city", "id"]
    assert fields_of_nothing(table.schema, names) == names[:2]
    found = nested_column(table, "history.price")
    assert found is not None
    assert all(not entries for entries in found.to_pylist())
    assert leaves_of(["history.price"], ["id", "history", "shop"]) == ["history"]
    assert leaves_of(["history.price"], ["id", "history.list.item", "shop"]) == [
        "history.list.item"
    ]


def test_null_entries_without_fields_stay_entries() -> None:
    found = nested_column(pa.table({"history": [[None, None], []]}), "history.price")
    assert found is not None
    assert found.to_pylist() == [[None, None], []]


@pytest.mark.parametrize("history", NOTHING.values(), ids=NOTHING)
def test_a_file_whose_histories_are_all_empty_is_read(history: pa.Array, tmp_path: Path) -> None:
    path = str(tmp_path / "logs.parquet")
    columns = {"search": ["a", "b"], "id": [1, 2], "price": [1.0, 2.0], "click": [1, 0]}
    pq.write_table(pa.table({**columns, "shown": [7, 8], "history": history}), path)
    definition = {
        "name": "shop",
        "list_id": "search",
        "item": "id",
        "time": {"column": "shown", "unit": "s"},
        "tasks": [{"name": "click", "grade": 1}],
        "history": {"at": "history.at", "age": "age", "item": "history.id"},
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "seen", "column": "history.price", "scope": "history", "like": "price"},
            {"name": "age", "scope": "history", "kind": "numeric"},
        ],
    }
    dataset = Dataset.model_validate(definition)
    for with_labels in (True, False):
        source = source_for(dataset, with_labels, every_column=not with_labels)
        source.check([path])
        (batch,) = source.read(path)
        found = canonical_rows(dataset, batch, with_labels)
        assert found.set_aside.num_rows == 0
        assert found.rows["seen"].to_pylist() == found.rows["age"].to_pylist() == [[], []]
    # Entries that have other fields lack these.
    with_others = [[{"brand": "a"}], []]
    pq.write_table(pa.table({**columns, "shown": [7, 8], "history": with_others}), path)
    with pytest.raises(
        InputError, match=r"history\.at: expected a column 'history\.at', found none"
    ):
        source_for(dataset).check([path])
