"""Types that hold the values of two, and values brought into them."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from data.arrow_types import as_type, common_type
from data.errors import InputError

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5)
UTC = MOMENT.replace(tzinfo=datetime.timezone.utc)
MAP = pa.map_(pa.string(), pa.int64())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (pa.int8(), pa.uint64(), pa.int64()),
        (pa.int64(), pa.float32(), pa.float64()),
        (pa.float32(), pa.float64(), pa.float64()),
        (pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("us")),
        (pa.timestamp("ns", "UTC"), pa.timestamp("s", "UTC"), pa.timestamp("ns", "UTC")),
        (pa.timestamp("s", "Europe/Berlin"), pa.timestamp("s", "+02:00"), pa.timestamp("s", "UTC")),
        # Local times differ from those of a zone, numbers from flags and decimals.
        (pa.timestamp("s"), pa.timestamp("s", "UTC"), pa.string()),
        (pa.int64(), pa.string(), pa.string()),
        (pa.int64(), pa.bool_(), pa.string()),
        (pa.decimal128(38, 9), pa.float64(), pa.string()),
        (pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string()),
        (pa.null(), pa.date32(), pa.date32()),
        (MAP, MAP, MAP),
        (MAP, pa.list_(pa.int64()), None),
        (pa.list_(pa.int64()), pa.int64(), None),
        (pa.struct({"a": pa.int64()}), pa.list_(pa.int64()), None),
        (pa.struct({"a": pa.int64()}), pa.struct({"a": MAP}), None),
    ],
)
def test_one_type_holds_the_values_of_two(
    one: pa.DataType, other: pa.DataType, expected: pa.DataType | None
) -> None:
    assert common_type(one, other) == expected
    assert common_type(other, one) == expected
    lists = None if expected is None else pa.list_(expected)
    assert common_type(pa.list_(one), pa.large_list(other)) == lists


def test_numbers_and_times_can_all_be_text() -> None:
    assert common_type(pa.int64(), pa.float64(), only_text=True) == pa.string()
    assert common_type(pa.int64(), pa.int64(), only_text=True) == pa.int64()


def test_records_have_the_fields_of_both() -> None:
    one = pa.struct({"id": pa.int64(), "at": pa.timestamp("ms")})
    other = pa.struct({"price": pa.float64(), "at": pa.timestamp("us"), "id": pa.string()})
    both = {"id": pa.string(), "at": pa.timestamp("us"), "price": pa.float64()}
    kind = common_type(pa.list_(one), pa.list_(other))
    assert kind == pa.list_(pa.struct(both))
    values = pa.array([[{"id": 7, "at": MOMENT}, None], None, []], pa.list_(one))
    expected = [[{"id": "7", "at": MOMENT, "price": None}, None], None, []]
    assert as_type(values, kind).to_pylist() == expected
    # A part of an array starts within its lists.
    assert as_type(values.slice(1), kind).to_pylist() == expected[1:]
    assert as_type(values, kind).type == kind


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (pa.array(["a", None]).dictionary_encode(), pa.string(), ["a", None]),
        (pa.array([[1, None]], pa.list_(pa.int8(), 2)), pa.list_(pa.float64()), [[1.0, None]]),
        (pa.array([[], None]), pa.list_(pa.struct({"a": pa.int64()})), [[], None]),
        (pa.array([UTC], pa.timestamp("ms", "+02:00")), pa.timestamp("us", "UTC"), [UTC]),
        (pa.array([Decimal("1.50"), Decimal(2)], pa.decimal128(38, 9)), pa.float64(), [1.5, 2.0]),
        (pa.array([7.0, 7.5]), pa.string(), ["7", "7.5"]),
    ],
)
def test_values_come_in_the_type(values: pa.Array, kind: pa.DataType, expected: list) -> None:
    assert as_type(values, kind).to_pylist() == expected


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(pa.ArrowInvalid):
        as_type(pa.array([2**53 + 1]), pa.float64())
    with pytest.raises(InputError):
        as_type(pa.array([b"\xff"]), pa.string())
