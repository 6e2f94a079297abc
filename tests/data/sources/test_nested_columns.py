"""Fields of nested columns by dotted names, however their writer marks lists."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.definition.dataset import Dataset
from data.sources import source_for
from data.sources.nested_columns import leaves_of, nested_column, nested_names

RECORD = pa.struct([("price", pa.float64()), ("tags", pa.list_(pa.string()))])
ENTRIES = [[{"price": 1.0, "tags": ["a", "b"]}, {"price": None, "tags": None}], [], None]
# As writers that do not mark lists leave them.
WRAPPED = pa.struct([("list", pa.list_(pa.struct([("element", RECORD)])))])


def _wrapped(entries: list[Any] | None) -> dict[str, Any] | None:
    return None if entries is None else {"list": [{"element": one} for one in entries]}


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
