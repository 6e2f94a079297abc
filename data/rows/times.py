"""Times as whole seconds since 1970 UTC."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.definition.time_column import PARTS_PER_SECOND, Time
from data.rows.numbers import as_numbers
from data.rows.raw import RawColumn

# Fractions of a second are left out: moments are rounded down.
_ISO = (
    r"^(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<hour>\d{2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
    r"(?: ?(?:(?P<utc>[Zz]|UTC)|(?P<offset>[+-]\d{2}):?(?P<offset_minute>\d{2})?))?)?$"
)
_FORM, _OFFSET = "%Y-%m-%d %H:%M:%S", "%z"
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
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        # They count by themselves, whatever others do that are read as they are.
        moments = _from_timestamps(column.values, time.zone)
    elif time.unit:
        return _from_counts(column, PARTS_PER_SECOND[time.unit])
    elif pa.types.is_string(kind):
        moments = _from_text(column.values, time)
    else:
        raise column.wrong_type("times, or a `unit` (s, ms, us or ns) of the numbers,")
    seconds = moments.asi8 // _NANOSECONDS
    return np.where(moments.isna(), 0, seconds), np.asarray(moments.isna())


def _from_counts(column: RawColumn, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts of parts of a second as seconds, and which are no such counts."""
    whole = _whole_numbers(column.values)
    if whole is not None:
        counts = pc.fill_null(whole, np.iinfo(np.int64).max).to_numpy()
        # No float: nanoseconds have more digits than one holds.
        seconds, wrong = counts // parts, whole.is_null().to_numpy(zero_copy_only=False)
    else:
        numbers, wrong = as_numbers(column)
        seconds = np.floor(numbers / parts)
    wrong = wrong | ~((seconds >= _EARLIEST) & (seconds <= _LATEST))
    return np.where(wrong, 0, seconds).astype(np.int64), wrong


def _whole_numbers(values: pa.Array) -> pa.Array | None:
    """The values as int64, missing ones null; None where some are no whole numbers."""
    if not (pa.types.is_string(values.type) or pa.types.is_integer(values.type)):
        return None
    try:
        return values.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


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
        directives = time.format.replace("%%", "").lower()
        return _parsed(text, time.zone, time.format, with_offset="%z" in directives)
    try:
        return _from_timestamps(text.cast(pa.timestamp("us")), time.zone)
    except pa.ArrowInvalid:
        text = pc.utf8_trim_whitespace(text)
    local, offset = _in_one_form(text)
    with_offset = pc.not_equal(offset, "")
    aware = pc.if_else(with_offset, pc.binary_join_element_wise(local, offset, ""), None)
    found = _parsed(local, time.zone, _FORM, with_offset=False)
    found_aware = _parsed(aware, time.zone, _FORM + _OFFSET, with_offset=True)
    return found_aware.where(pc.fill_null(with_offset, False).to_numpy(zero_copy_only=False), found)


def _in_one_form(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """ISO times as `2026-01-02 05:00:00`, and their offsets such as `+0200`; null where not ISO."""
    parts = pc.extract_regex(text, _ISO)

    def part(name: str, otherwise: str) -> pa.Array:
        found = pc.struct_field(parts, [parts.type.get_field_index(name)])
        return pc.if_else(pc.equal(found, ""), otherwise, found)

    clock = pc.binary_join_element_wise(
        part("hour", "00"), part("minute", "00"), part("second", "00"), ":"
    )
    hours = part("offset", "")
    offset = pc.binary_join_element_wise(hours, part("offset_minute", "00"), "")
    offset = pc.if_else(pc.equal(hours, ""), "", offset)
    utc = pc.not_equal(part("utc", ""), "")
    local = pc.binary_join_element_wise(part("day", ""), clock, " ")
    return local, pc.if_else(utc, "+0000", offset)


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
