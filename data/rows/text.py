"""Ids and categories as text: equal values give equal text, whatever type a file stores."""

import decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.rows.raw import RawColumn

# Whole numbers from here on no longer differ from all their neighbours.
_EXACT_FLOAT64, _EXACT_FLOAT32 = 2.0**53, 2.0**24
# How pandas, spreadsheets and databases write booleans.
_TRUE, _FALSE = pa.array(["True", "TRUE"]), pa.array(["False", "FALSE"])


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


def as_category(column: RawColumn) -> pa.Array:
    """Turns values into categories or ids: equal values give equal text, whatever file holds them.

    As `as_text`, and texts too are brought into one form where writers differ: `True` and `TRUE`
    are "true", `False` and `FALSE` "false", and a whole number with a fraction of zeros, as pandas
    writes it where some are missing, has none: "6.0" is "6". Nothing else changes: "007", "1e5",
    "6.50" and "06.0" stay as they are.

    Args:
        column: text, numbers, booleans, dates or times [N].

    Returns:
        Text [N]; a missing one, and NaN, is null.

    Raises:
        InputError: the column is nested, or holds bytes that are not UTF-8.
    """
    text = as_text(column)
    if not pa.types.is_string(column.values.type) or not _some_may_change(text):
        return text
    encoded = text.dictionary_encode()
    return _one_form(encoded.dictionary).take(encoded.indices)


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


def _some_may_change(text: pa.Array) -> bool:
    """Spares most columns the costlier look at the whole of each text."""
    fractions = pc.match_substring(text, pattern=".0")
    booleans = pc.is_in(text, value_set=pa.concat_arrays([_TRUE, _FALSE]))
    return any(pc.any(found).as_py() for found in (fractions, booleans))


def _one_form(text: pa.Array) -> pa.Array:
    text = pc.if_else(pc.is_in(text, value_set=_TRUE), "true", text)
    text = pc.if_else(pc.is_in(text, value_set=_FALSE), "false", text)
    whole = pc.replace_substring_regex(text, r"^(-?(?:0|[1-9]\d*))\.0+$", r"\1")
    return pc.if_else(pc.equal(whole, "-0"), "0", whole)


def _plain(value: decimal.Decimal) -> str:
    """All digits of a decimal, without a fraction of zeros."""
    return str(int(value)) if value == int(value) else format(value, "f")
