from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from data.errors import InputError
from data.rows.numbers import Rounded, as_counts, as_flags, as_float32, as_numbers, rounded
from data.rows.raw import RawColumn

NAN, INF = float("nan"), float("inf")


def column(values: pa.Array) -> RawColumn:
    return RawColumn(values, "price", "feature 'price'", "logs.parquet")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([1, None, -3]), [1, NAN, -3]),
        (pa.array([2**63], pa.uint64()), [2.0**63]),
        (pa.array([1.5, None, INF], pa.float32()), [1.5, NAN, INF]),
        (pa.array([0.5, None], pa.float64()), [0.5, NAN]),
        (pa.array([True, False, None]), [1, 0, NAN]),
        (pa.array([Decimal("12.25"), None]), [12.25, NAN]),
        (pa.array(["1.5", None, "-2", "1e3", ".5", "3.", "inf", "nan"]),
         [1.5, NAN, -2, 1000, 0.5, 3, INF, NAN]),
        (pa.array(["+1.5", " 2 ", "  ", "1E3", "True", "false", None]),
         [1.5, 2, NAN, 1000, 1, 0, NAN]),
        (pa.nulls(1), [NAN]),
    ],
)  # fmt: skip
def test_numbers_of_any_type(values: pa.Array, expected: list[float]) -> None:
    numbers, wrong = as_numbers(column(values))
    np.testing.assert_array_equal(numbers, expected)
    assert not wrong.any()


def test_text_that_is_no_number_is_wrong() -> None:
    values = ["1", "abc", "1,5", "0x10", "1_0", "--1", "1 2", "\u0661", "yes", None]
    numbers, wrong = as_numbers(column(pa.array(values)))
    assert wrong.tolist() == [False, *[True] * 8, False]
    np.testing.assert_array_equal(numbers, [1, *[NAN] * 9])


def test_a_type_without_numbers_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"feature 'price': expected numbers in column 'price', fo"
    ):
        as_numbers(column(pa.array([[1.0]])))


def test_what_float32_cannot_hold_is_missing() -> None:
    numbers = np.array([1.5, INF, -INF, 1e39, NAN])
    np.testing.assert_array_equal(as_float32(numbers), [1.5, NAN, NAN, NAN, NAN])
    assert numbers[1] == INF, "the source of the numbers is not to be written to"


def test_any_count_above_zero_is_an_action() -> None:
    reached, wrong = as_counts(column(pa.array([0, 1, 7, 0.5, None, NAN])))
    np.testing.assert_array_equal(reached, [0, 1, 1, 1, NAN, NAN])
    assert not wrong.any()
    _, wrong = as_counts(column(pa.array(["0", "-2", "inf", "maybe", "true"])))
    assert wrong.tolist() == [False, True, True, True, False]


def test_flags_are_zero_or_one() -> None:
    flags, wrong = as_flags(column(pa.array(["0", "1", "TRUE", "False", None, "2", "-1", "0.5"])))
    assert wrong.tolist() == [False] * 5 + [True] * 3
    np.testing.assert_array_equal(flags[:5], [0, 1, 1, 0, NAN])


EPOCH = 1_767_225_600


def test_numbers_that_fall_together_in_32_bits_are_counted() -> None:
    # Floats of this size lie 2^7 = 128 apart: 512 seconds have 4 of them, and the ends count half.
    seconds = np.arange(EPOCH, EPOCH + 512, dtype=np.float64)
    found = rounded(np.append(seconds, np.nan))
    assert found == Rounded(values=512, left=5, least=EPOCH)
    told = found.told("updated")
    assert "updated: 512 different values, 5 left in 32 bits" in told
    assert f"`origin: {EPOCH}`" in told
    assert rounded(seconds - found.origin) is None


@pytest.mark.parametrize(
    "numbers",
    [
        np.array([0.1, 19.99, 1e9, np.nan, np.inf, -np.inf, 1e300]),
        np.arange(1e7, 1e7 + 100),
        np.full(10, EPOCH + 1.0),
        np.array([]),
        np.arange(512, dtype=np.float32),
    ],
)
def test_numbers_that_still_differ_are_not_rounded(numbers: np.ndarray) -> None:
    assert rounded(numbers) is None
