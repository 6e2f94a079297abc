import math

import pyarrow as pa
import pytest

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.definition.task import Task
from data.explanation.values import shown_value, shown_values, values_by_feature


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"acme", "acme"),
        ("acme", "acme"),
        (1 / 3, "0.333333"),
        (7.0, "7"),
        (7, "7"),
        (True, "True"),
        (None, "missing"),
        (math.nan, "missing"),
        (b"", "missing"),
        ([1.0, math.nan], "[1, missing]"),
        ([1.0, 2.0, 3.0], "[1, 2, ...]"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_values_are_short_texts(value: object, shown: str) -> None:
    assert shown_value(value) == shown


@pytest.mark.parametrize("kind_type", [pa.string(), pa.binary()])
def test_what_a_kind_lacks_is_not_called_missing(kind_type: pa.DataType) -> None:
    price = Feature(name="price", scope="item", kind="numeric", kinds=("product",))
    kinds = pa.array(["product", "product", "shop", ""]).cast(kind_type)
    shown = shown_values(price, [7.0, math.nan, math.nan, 5.0], kinds)
    assert shown == ("7", "missing", "not of a shop", "not of its kind")
    title = Feature(name="title", scope="item", kind="categorical")
    assert shown_values(title, ["x", "", "y", "z"], kinds) == ("x", "missing", "y", "z")
    assert shown_values(price, [None], None) == ("missing",)


def test_the_column_of_the_kind_says_what_an_item_lacks() -> None:
    price = Feature(name="price", scope="item", kind="numeric", kinds=("product",))
    title = Feature(name="title", scope="item", kind="categorical")
    kind = Feature(name="kind", scope="item", kind="categorical")
    dataset = Dataset(
        name="mixed",
        list_id="list",
        time={"column": "time", "unit": "s"},
        kind_of_item="kind",
        features=(price, title, kind),
        tasks=(Task(name="click", column="click", grade=1),),
    )
    items = pa.RecordBatch.from_pydict({"kind": ["product", "shop"]})
    stated = {"price": pa.array([7.0, None]), "title": pa.chunked_array([["x"], ["y"]])}
    assert values_by_feature(dataset, items, stated) == {
        "price": ("7", "not of a shop"),
        "title": ("x", "y"),
    }
