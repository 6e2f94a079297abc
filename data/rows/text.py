"""Ids and categories as text, the same whatever a file stores them as."""

import decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.rows.raw import RawColumn

# Whole numbers from here on no longer differ from all their neighbours.
_EXACT_FLOAT64, _EXACT_FLOAT32 = 2.0**53, 2.0**24


def as_text(column: RawColumn) -> pa.Array:
    """Turns values into text.

    Text stays as it is; 7 becomes "7" as an integer of any width or a decimal, and as a float
    too, since pandas writes integers as floats where some are missing; 7.5 becomes the shortest
    text that reads back as it, and a boolean "true" or "false". A time with a zone is written as
    UTC.

    Args:
        column: text, numbers, booleans, dates or times [N].

    Returns:
        Text [N]; a missing one, and NaN, is null.

    Raises:
        InputError: the column is nested, or holds bytes that are not UTF-8.
    """
    kind = column.values.type
    if pa.types.is_floating(kind):
        return _float_text(column.values)
    if pa.types.is_decimal(kind):
        return _decimal_text(column.values)
    values = column.values
    if pa.types.is_timestamp(kind) and kind.tz:
        # Arrow writes no times of zones such as +02:00, which pandas does.
        values = values.cast(pa.timestamp(kind.unit, "UTC"))
    try:
        return values.cast(pa.string())
    except pa.ArrowNotImplementedError as error:
        raise column.wrong_type("text or numbers") from error
    except pa.ArrowInvalid as error:
        raise column.wrong_type("text in UTF-8") from error


def inexact(column: RawColumn) -> np.ndarray:
    """Where an id is a float so large that other ids may have been rounded to it, bool [N]."""
    kind = column.values.type
    if not pa.types.is_floating(kind):
        return np.zeros(len(column.values), bool)
    exact = _EXACT_FLOAT32 if pa.types.is_float32(kind) else _EXACT_FLOAT64
    return np.abs(column.values.to_numpy(zero_copy_only=False)) >= exact


def _float_text(values: pa.Array) -> pa.Array:
    numbers = values.to_numpy(zero_copy_only=False)
    missing = np.isnan(numbers)
    whole = (np.abs(numbers) < 2.0**63) & (numbers == np.trunc(numbers))
    integers = pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string())
    if not (whole | missing).all():
        integers = pc.if_else(pa.array(whole), integers, pa.array(numbers).cast(pa.string()))
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), integers)


def _decimal_text(values: pa.Array) -> pa.Array:
    if values.type.scale == 0:
        try:
            return values.cast(pa.int64()).cast(pa.string())
        except pa.ArrowInvalid:
            pass  # More digits than an integer holds.
    encoded = values.dictionary_encode()
    distinct = [_plain(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(distinct, pa.string()).take(encoded.indices)


def _plain(value: decimal.Decimal) -> str:
    """All digits, without zeros at the end of a fraction: 1.50 and 1.5 are one value."""
    digits = format(value, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
