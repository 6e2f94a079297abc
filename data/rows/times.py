"""Moments as whole seconds since 1970, UTC."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.rows.numbers import as_numbers
from data.rows.raw import RawColumn
from data.time_column import Time

_UNITS_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000}

_ISO = (
    r"^\d{4}-\d{2}-\d{2}"
    r"([T ]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?( ?([Zz]|[+-]\d{2}:?(\d{2})?))?)?$"
)
_WITH_OFFSET = r"[T ]\d{2}.*([Zz]|[+-]\d{2}:?(\d{2})?)$"
_NANOSECONDS = 1_000_000_000

# Years 1678 to 2261, what nanoseconds can hold.
_EARLIEST, _LATEST = -9_214_560_000, 9_214_560_000


def as_seconds(column: RawColumn, time: Time) -> tuple[np.ndarray, np.ndarray]:
    """Turns times into seconds.

    A local time that its zone skipped becomes the moment at which the zone's clocks went on; one
    that came twice is taken for the first.

    Args:
        column: timestamps, dates, ISO text or text in the given format, or counts since 1970 in
            the given unit [N].
        time: zone, unit and format of the values.

    Returns:
        int64 [N], seconds since 1970 UTC, rounded down; and bool [N], values that are no time,
        missing ones and those outside the years 1678 to 2261 included.

    Raises:
        InputError: a column of this type holds no times.
    """
    kind = column.values.type
    if time.unit:
        numbers, wrong = as_numbers(column)
        seconds = np.floor(numbers / _UNITS_PER_SECOND[time.unit])
        wrong = wrong | ~((seconds >= _EARLIEST) & (seconds <= _LATEST))
        return np.where(wrong, 0, seconds).astype(np.int64), wrong
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        moments = _from_timestamps(column.values, time.zone)
    elif pa.types.is_string(kind):
        moments = _from_text(column.values, time)
    else:
        raise column.wrong_type("times, or a `unit` of the numbers,")
    seconds = moments.asi8 // _NANOSECONDS
    return np.where(moments.isna(), 0, seconds), np.asarray(moments.isna())


def _from_timestamps(values: pa.Array, zone: str) -> pd.DatetimeIndex:
    own_zone = getattr(values.type, "tz", None)
    # Nanoseconds overflow for years that a column of dates may well hold.
    micros = values.cast(pa.timestamp("us", own_zone), safe=False).cast(pa.int64())
    numbers = micros.to_numpy(zero_copy_only=False)
    known = np.abs(np.nan_to_num(numbers, nan=np.inf)) <= _LATEST * 1_000_000
    moments = pd.DatetimeIndex(np.where(known, numbers, 0).astype(np.int64) * 1_000).where(known)
    return moments.tz_localize("UTC") if own_zone else _localised(moments, zone)


def _from_text(text: pa.Array, time: Time) -> pd.DatetimeIndex:
    if time.format:
        return _parsed(text, time.zone, time.format, with_offset="%z" in time.format)
    try:
        return _from_timestamps(text.cast(pa.timestamp("us")), time.zone)
    except pa.ArrowInvalid:
        text = pc.utf8_trim_whitespace(text)
    nothing = pa.scalar(None, pa.string())
    # pandas would read 3/4/2013 too, whichever of the two may be the month.
    text = pc.if_else(pc.match_substring_regex(text, _ISO), text, nothing)
    with_offset = pc.fill_null(pc.match_substring_regex(text, _WITH_OFFSET), False)
    aware = _parsed(pc.if_else(with_offset, text, nothing), time.zone, None, with_offset=True)
    local = _parsed(pc.if_else(with_offset, nothing, text), time.zone, None, with_offset=False)
    return aware.where(with_offset.to_numpy(zero_copy_only=False), local)


def _parsed(text: pa.Array, zone: str, form: str | None, with_offset: bool) -> pd.DatetimeIndex:
    values = text.to_pandas()
    moments = pd.DatetimeIndex(
        pd.to_datetime(values, errors="coerce", format=form, utc=with_offset)
    )
    return moments if with_offset else _localised(moments, zone)


def _localised(moments: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    summer = np.ones(len(moments), bool)
    local = moments.tz_localize(zone, ambiguous=summer, nonexistent="shift_forward")
    return local.tz_convert("UTC")
