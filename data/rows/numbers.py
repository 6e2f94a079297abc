"""Numbers, counts and flags from columns of any type."""

import math
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.rows.raw import RawColumn

_NUMBER = r"^[+-]?((\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|inf|infinity|nan)$"
# Parquet stores booleans as such, CSV as these.
_WORDS = ("false", "true")
# Numbers that show whether a column is rounded, and the share of them that must still differ.
_LOOKED_AT, _MOSTLY = 5_000, 0.9


def as_numbers(column: RawColumn) -> tuple[np.ndarray, np.ndarray]:
    """Turns values into numbers.

    Args:
        column: numbers, booleans or text [N]; `true` and `false` are 1 and 0, in any letters.

    Returns:
        float [N], NaN where missing, not to be written to; and bool [N], texts that are neither.

    Raises:
        InputError: a column of this type holds no numbers.
    """
    kind = column.values.type
    if pa.types.is_string(kind):
        return _parsed(column.values)
    if pa.types.is_null(kind):
        numbers = np.full(len(column.values), np.nan)
    elif pa.types.is_floating(kind):
        numbers = column.values.to_numpy(zero_copy_only=False)
    elif pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind):
        floats = column.values.cast(pa.float64(), safe=False)
        numbers = floats.to_numpy(zero_copy_only=False)
    else:
        raise column.wrong_type("numbers")
    return numbers, np.zeros(len(numbers), bool)


def as_float32(numbers: np.ndarray) -> np.ndarray:
    """float32 [N]; infinite numbers, and such as float32 cannot hold, become NaN: missing."""
    with np.errstate(over="ignore"):
        narrow = numbers.astype(np.float32, copy=False)
    infinite = np.isinf(narrow)
    return np.where(infinite, np.float32(np.nan), narrow) if infinite.any() else narrow


class Rounded(NamedTuple):
    """How many different numbers a feature has, and how many are left as 32-bit floats.

    Attributes:
        values: different numbers among those that were looked at.
        left: how many of them still differ in 32 bits.
        least: the smallest one.
    """

    values: int
    left: int
    least: float

    @property
    def origin(self) -> int:
        """A whole number that keeps them apart where it is subtracted first."""
        return math.floor(self.least)

    def told(self, feature: str) -> str:
        """A line for people."""
        return (
            f"{feature}: {self.values:,} different values, {self.left:,} left in 32 bits, as"
            f" models compute; `origin: {self.origin}` in the feature's definition keeps them apart"
        )


def rounded(numbers: np.ndarray) -> Rounded | None:
    """Finds numbers that become equal as 32-bit floats.

    Args:
        numbers: float [N]; the first 5,000 are looked at.

    Returns:
        What was found; None where nine in ten numbers or more still differ.
    """
    some = numbers[:_LOOKED_AT]
    with np.errstate(over="ignore"):
        narrow = some.astype(np.float32)
    if numbers.dtype != np.float64 or (some == narrow).all():
        return None
    known = np.isfinite(some)
    distinct = np.unique(some[known])
    left = len(np.unique(narrow[known]))
    if left >= _MOSTLY * len(distinct):
        return None
    return Rounded(len(distinct), left, float(distinct[0]))


def as_counts(column: RawColumn) -> tuple[np.ndarray, np.ndarray]:
    """Turns labels into 0 and 1.

    Args:
        column: counts or booleans [N].

    Returns:
        float32 [N], 1 where the count is above 0, NaN where missing; and bool [N], values that
        are no count: words, negative or infinite numbers.
    """
    numbers, wrong = as_numbers(column)
    wrong = wrong | (numbers < 0) | np.isinf(numbers)
    reached = np.where(np.isnan(numbers), np.nan, numbers > 0)
    return reached.astype(np.float32), wrong


def as_flags(column: RawColumn) -> tuple[np.ndarray, np.ndarray]:
    """Turns flags into 0 and 1.

    Args:
        column: 0 and 1, or booleans [N].

    Returns:
        float32 [N], NaN where missing; and bool [N], values that are no flag.
    """
    numbers, wrong = as_numbers(column)
    wrong = wrong | ~np.isin(numbers, (0, 1)) & ~np.isnan(numbers)
    return numbers.astype(np.float32), wrong


def _parsed(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    try:
        numbers = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        numbers = None
    # Arrow also reads C's "nan(7)" as no number.
    if numbers is not None and np.isnan(numbers).sum() == text.null_count:
        return numbers, np.zeros(len(numbers), bool)
    text = pc.utf8_lower(pc.utf8_trim_whitespace(text))
    for number, word in enumerate(_WORDS):
        text = pc.if_else(pc.equal(text, word), str(number), text)
    good = pc.fill_null(pc.match_substring_regex(text, _NUMBER), False)
    wrong = pc.and_not(pc.not_equal(pc.fill_null(text, ""), ""), good)
    # Arrow reads no leading plus sign.
    unsigned = pc.replace_substring_regex(text, r"^\+", "")
    numbers = pc.if_else(good, unsigned, pa.scalar(None, pa.string())).cast(pa.float64())
    return numbers.to_numpy(zero_copy_only=False), wrong.to_numpy(zero_copy_only=False)
