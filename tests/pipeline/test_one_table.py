import pyarrow as pa
import pytest

from data.errors import InputError
from pipeline.one_table import one_table


def joined(*columns: pa.Array | None) -> pa.ChunkedArray:
    """A column `history` of files `0.parquet`, ...; those with None lack it."""
    tables = {}
    for number, values in enumerate(columns):
        rows = 1 if values is None else len(values)
        table = pa.table({"search": [number] * rows})
        if values is not None:
            table = table.append_column("history", values)
        tables[f"{number}.parquet"] = table
    return one_table(tables)["history"]


def records(**field: pa.DataType) -> pa.Array:
    """One history with one entry whose fields are 1."""
    kind = pa.list_(pa.struct(field))
    ones = pa.StructArray.from_arrays(
        [pa.array([1]).cast(one) for one in field.values()], list(field)
    )
    return pa.ListArray.from_arrays([0, 1], ones).cast(kind)


def test_columns_may_be_missing_and_flat_ones_differ_in_type() -> None:
    assert joined(pa.array([7]), None, pa.array([7.5])).to_pylist() == ["7", None, "7.5"]
    assert joined(None, pa.array([7])).type == pa.int64()
    assert joined(pa.nulls(1), records(price=pa.int64()))[0].as_py() is None


def test_records_are_joined_field_by_field() -> None:
    found = joined(
        records(price=pa.int64(), at=pa.timestamp("ms")),
        records(at=pa.timestamp("us")),
        records(at=pa.timestamp("ms"), price=pa.float64()),
        pa.array([[]]),
        pa.nulls(1),
    )
    both = {"price": pa.float64(), "at": pa.timestamp("us")}
    assert found.type == pa.list_(pa.struct(both))
    prices = [
        None if one is None else [entry["price"] for entry in one] for one in found.to_pylist()
    ]
    assert prices == [[1.0], [None], [1.0], [], None]


def test_names_of_levels_make_no_difference() -> None:
    kind = pa.list_(pa.field("element", pa.int64()))
    assert joined(pa.array([[1]]), pa.array([[2], None], kind)).to_pylist() == [[1], [2], None]


def test_ids_that_no_float_holds_are_text() -> None:
    large = 2**53 + 1
    found = joined(pa.array([[large]]), pa.array([[7.0]]))
    assert found.to_pylist() == [[str(large)], ["7"]]


@pytest.mark.parametrize(
    ("values", "other"),
    [
        (pa.array(["a|b"]), pa.array([["a"]])),
        (records(price=pa.int64()), pa.array([[1]])),
        (pa.array(["a"]), pa.array([b"\xff"])),
    ],
)
def test_types_that_cannot_be_joined_are_named_with_their_files(
    values: pa.Array, other: pa.Array
) -> None:
    expected = (
        "--input: expected column 'history' in types that can be joined in one table, found"
        f" {values.type} in 0.parquet and {other.type} in 2.parquet"
    )
    for between in (None, values, pa.nulls(1)):
        with pytest.raises(InputError) as error:
            joined(values, between, other)
        assert str(error.value) == expected
