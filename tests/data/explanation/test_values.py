import math

import pyarrow as pa
import pytest

from data.definition.feature import Feature
from data.explanation.values import shown_value, shown_values


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
