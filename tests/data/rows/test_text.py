import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from data.errors import InputError
from data.rows.raw import RawColumn
from data.rows.text import as_category, as_text, inexact


def column(values: pa.Array) -> RawColumn:
    return RawColumn(values, "id", "list_id", "logs.parquet")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["007", "é", None]), ["007", "é", None]),
        (pa.array([b"a"], pa.binary()), ["a"]),
        (pa.array([2**63 - 1, -1, None], pa.int64()), ["9223372036854775807", "-1", None]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([7, None], pa.int8()), ["7", None]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([Decimal(10**30), None], pa.decimal128(38, 0)), ["1" + "0" * 30, None]),
        (pa.array([Decimal(12), None], pa.decimal128(38, 0)), ["12", None]),
        (pa.array([Decimal("1.50")], pa.decimal128(9, 2)), ["1.50"]),
        (pa.array([Decimal("6.00"), Decimal(0)], pa.decimal128(9, 2)), ["6", "0"]),
        (pa.array([Decimal("-0.00"), Decimal("2.50")], pa.decimal128(9, 2)), ["0", "2.50"]),
        # As pandas writes integers of which some are missing.
        (pa.array([123.0, None, float("nan"), -0.0]), ["123", None, None, "0"]),
        (pa.array([2.0**53 - 1, 1e18]), ["9007199254740991", "1000000000000000000"]),
        (pa.array([0.1, 7.0, 1e300, None]), ["0.1", "7", "1e+300", None]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([datetime.date(2026, 1, 2)]), ["2026-01-02"]),
        *(
            (pa.array([0, None], pa.timestamp("s", zone)), ["1970-01-01 00:00:00Z", None])
            for zone in ("UTC", "+02:00", "Europe/Berlin", "Mars/Olympus")
        ),
        (pa.nulls(2), [None, None]),
    ],
)
def test_text_is_the_same_whatever_stores_it(values: pa.Array, expected: list[str | None]) -> None:
    assert as_text(column(values)).to_pylist() == expected


@pytest.mark.parametrize(
    "values",
    [
        pa.array([6, None, 0], pa.int32()),
        pa.array([6.0, None, -0.0]),
        pa.array([Decimal("6.00"), None, Decimal(0)], pa.decimal128(9, 2)),
        pa.array(["6", None, "0"]),
        pa.array(["6.0", None, "-0.0"]),
        pa.array(["6.00", None, "0.0"]).dictionary_encode().cast(pa.string()),
    ],
)
def test_equal_numbers_are_one_category(values: pa.Array) -> None:
    assert as_category(column(values)).to_pylist() == ["6", None, "0"]


@pytest.mark.parametrize("texts", [["true", "false"], ["True", "False"], ["TRUE", "FALSE"]])
def test_equal_booleans_are_one_category(texts: list[str]) -> None:
    written = as_category(column(pa.array([*texts, None])))
    assert written.equals(as_category(column(pa.array([True, False, None]))))


def test_other_texts_are_categories_as_they_are() -> None:
    texts = ["007", "1e5", "6.50", "06.0", "6.", ".0", "+6.0", "v6.0", "tRUE", "Truest", "", "é"]
    assert as_category(column(pa.array(texts))).to_pylist() == texts


@pytest.mark.parametrize("values", [pa.array([[1]]), pa.array([{"a": 1}])])
def test_nested_columns_are_refused(values: pa.Array) -> None:
    with pytest.raises(
        InputError, match=r"logs\.parquet: list_id: expected text .* in column 'id'"
    ):
        as_text(column(values))


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(InputError, match="expected text in UTF-8"):
        as_text(column(pa.array([b"\xff"], pa.binary())))


def test_ids_as_floats_are_exact_up_to_a_bound() -> None:
    wide = column(pa.array([2.0**53 - 1, 2.0**53, None]))
    assert inexact(wide).tolist() == [False, True, False]
    assert inexact(column(pa.array([2.0**24 - 1, 2.0**24], pa.float32()))).tolist() == [False, True]
    assert not inexact(column(pa.array([2**62]))).any()
