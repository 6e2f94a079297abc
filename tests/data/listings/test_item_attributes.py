"""Attributes go to the rows of their items."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from data.listings.item_attributes import ItemAttributes
from data.sources.source import RowBatch

LISTINGS = pa.table(
    {
        "sku": pa.array([7, 9, 7, None, 3]),
        "colour": pa.array([["red", "blue"], [], ["green"], ["grey"], [" N/A "]]),
    }
)


def dataset(**listings: object) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "item": "item",
            "tasks": [{"name": "click", "grade": 1}],
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
            "listings": {
                "files": "listings.parquet",
                "taxonomy": "taxonomy.json",
                "item": "sku",
                "attributes": ["colour"],
                **listings,
            },
        }
    )


@pytest.fixture
def attributes(tmp_path: Path) -> ItemAttributes:
    pq.write_table(LISTINGS, tmp_path / "listings.parquet")
    return ItemAttributes.load(str(tmp_path / "listings.parquet"), dataset())


def test_the_first_listing_of_an_item_and_its_first_value_count(attributes: ItemAttributes) -> None:
    # Items 7, 9 and 3; one listing has no id, and one is of item 7 again.
    assert (len(attributes.items), attributes.repeated) == (3, 1)
    assert sorted(attributes.values["colour"].to_pylist(), key=str) == [None, None, "red"]


@pytest.mark.parametrize(
    "ids", [pa.array([9, 7, 8, None]), pa.array(["9", "7.0", "8", ""]), pa.array([9.0, 7, 8, None])]
)
def test_rows_get_the_attributes_of_their_items(attributes: ItemAttributes, ids: pa.Array) -> None:
    batch = RowBatch("logs.csv", 1, pa.table({"item": ids}))
    joined = attributes.join(dataset(), batch)
    assert joined.batch.table["colour"].to_pylist() == [None, "red", None, None]
    # Of the item 8, and of none.
    assert joined.without_listing == 2


def test_what_a_row_states_itself_stays(attributes: ItemAttributes) -> None:
    table = pa.table({"colour": ["black", ""], "item": [7, 7]})
    joined = attributes.join(dataset(), RowBatch("logs.csv", 1, table))
    assert joined.batch.table.to_pydict() == {"colour": ["black", "red"], "item": [7, 7]}


def test_rows_without_a_column_of_items_get_nothing(attributes: ItemAttributes) -> None:
    joined = attributes.join(dataset(), RowBatch("logs.csv", 1, pa.table({"price": [1.0]})))
    assert joined.batch.table["colour"].to_pylist() == [None]
    assert joined.without_listing == 1


def test_a_file_without_the_ids_is_refused(tmp_path: Path) -> None:
    pq.write_table(LISTINGS.rename_columns(["skus", "colour"]), tmp_path / "listings.parquet")
    with pytest.raises(InputError, match=r"expected a column 'sku', found none.*skus"):
        ItemAttributes.load(str(tmp_path / "listings.parquet"), dataset())


def test_attributes_become_features_of_items() -> None:
    found = dataset(attributes=["colour", "size"])
    assert [(one.name, one.scope, one.kind) for one in found.features[1:]] == [
        ("colour", "item", "categorical"),
        ("size", "item", "categorical"),
    ]
    assert [one.name for one in found.joined_features] == ["colour", "size"]
    # The same once more, from its own JSON, and none of it where lists state all themselves.
    assert Dataset.model_validate_json(found.model_dump_json()) == found
    assert found.as_sent.features == found.features
    assert found.as_sent.joined_features == ()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (lambda fields: fields.pop("item"), "expected `item`"),
        (
            lambda fields: fields["listings"].update(attributes=["price"]),
            "categorical item feature",
        ),
        (lambda fields: fields["listings"].update(attributes=["colour"] * 2), "named twice"),
        (lambda fields: fields["listings"].update(attributes=["Grösse (cm)"]), "letters"),
    ],
)
def test_a_section_that_does_not_fit_is_refused(
    changed: Callable[[dict], object], message: str
) -> None:
    fields = dataset().model_dump(mode="json")
    fields["features"] = fields["features"][:1]
    changed(fields)
    with pytest.raises(ValueError, match=message):
        Dataset.model_validate(fields)


def test_ids_of_large_lists_are_found() -> None:
    items = np.sort(np.array([5, 2**63 + 1, 2**64 - 1], np.uint64))
    found = ItemAttributes.of(items[::-1], {"colour": pa.array(["c", "b", "a"])})
    assert found.items.tolist() == items.tolist()
    assert found.values["colour"].to_pylist() == ["a", "b", "c"]
