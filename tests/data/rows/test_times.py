import datetime

import numpy as np
import pyarrow as pa
import pytest

from data.definition.time_column import Time, unit_by_size
from data.errors import InputError
from data.rows.raw import RawColumn
from data.rows.times import as_seconds

HOUR, DAY = 3600, 24 * 3600
# 2026-01-02 00:00 UTC: 56 years, 14 of them with a leap day, and a day.
SECOND_OF_JANUARY = (56 * 365 + 14 + 1) * DAY


def seconds(values: pa.Array, time: Time) -> list[int | None]:
    found, wrong = as_seconds(RawColumn(values, "at", "time.column", "logs.parquet"), time)
    return [None if bad else int(second) for second, bad in zip(found, wrong, strict=True)]


ISO = ["2026-01-02", "2026-01-02 05", "2026-01-02T05:07", "2026-01-02 05:07:09.750"]
SECONDS = [0, 5 * HOUR, 5 * HOUR + 7 * 60, 5 * HOUR + 7 * 60 + 9]


@pytest.mark.parametrize(
    ("zone", "east"), [("UTC", 0), ("Asia/Kolkata", 5.5), ("America/Lima", -5)]
)
def test_iso_text_is_in_the_zone_of_the_dataset(zone: str, east: float) -> None:
    expected = [SECOND_OF_JANUARY + second - east * HOUR for second in SECONDS]
    time = Time(column="at", zone=zone)
    assert seconds(pa.array(ISO), time) == expected
    # Offsets of their own go before the zone, row by row.
    mixed = [*ISO, "2026-01-02T05:00:00Z", "2026-01-02 05:00:00+02:00", "2026-01-02 05:00:00 -0330"]
    # As BigQuery writes times: with fractions where there are some.
    mixed += ["2026-01-02 05:00:00 UTC", "2026-01-02 05:00:00.25 UTC"]
    own = [5 * HOUR, 3 * HOUR, 8.5 * HOUR, 5 * HOUR, 5 * HOUR]
    assert seconds(pa.array(mixed), time) == [
        *expected, *(SECOND_OF_JANUARY + second for second in own)
    ]  # fmt: skip


def test_every_row_of_text_has_its_own_form() -> None:
    text = ["1969-12-31 23:59:59.5", "2026-01-02T05z", "2026-01-02 05:07+02", " 2026-01-02 "]
    expected = [-1, 5 * HOUR, 5 * HOUR + 7 * 60 - 2 * HOUR, 0]
    found = seconds(pa.array([*text, "2026-01-02 24:00:00"]), Time(column="at"))
    assert found[0] == expected[0]
    assert found[1:4] == [SECOND_OF_JANUARY + second for second in expected[1:]]
    assert found[4] is None


def test_text_that_is_no_time_is_wrong() -> None:
    values = ["2026-01-02", "2026-02-30", "3/4/2026", "20260102", "", None, "soon", "1500-01-01"]
    expected = [SECOND_OF_JANUARY, *[None] * 7]
    assert seconds(pa.array(values), Time(column="at")) == expected
    assert seconds(pa.array(["2026-01-02T00:00:00Z", "x"]), Time(column="at")) == expected[:2]
    assert seconds(pa.array(["2026-01-02 UTC", "2026-01-02 05:00 CET"]), Time(column="at")) == [
        None, None
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)]
)
def test_counts_since_1970(unit: str, factor: int) -> None:
    time = Time(column="at", unit=unit, zone="Asia/Kolkata")
    count = SECOND_OF_JANUARY * factor
    assert (
        seconds(pa.array([count, None, count + factor - 1]), time)[::2] == [SECOND_OF_JANUARY] * 2
    )
    assert seconds(pa.array([str(count), "x"]), time) == [SECOND_OF_JANUARY, None]
    assert seconds(pa.array([float(count), -factor]), time) == [SECOND_OF_JANUARY, -1]


def test_a_count_in_another_unit_is_no_time() -> None:
    milliseconds = pa.array([SECOND_OF_JANUARY * 1000])
    assert seconds(milliseconds, Time(column="at", unit="s")) == [None]


@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
def test_nanoseconds_are_not_rounded(kind: pa.DataType) -> None:
    last_of_the_day = pa.array([SECOND_OF_JANUARY * 10**9 - 1, None]).cast(kind)
    expected = [SECOND_OF_JANUARY - 1, None]
    assert seconds(last_of_the_day, Time(column="at", unit="ns")) == expected


@pytest.mark.parametrize(
    ("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)]
)
def test_the_unit_shows_in_the_size(unit: str, factor: int) -> None:
    assert unit_by_size(np.array([631_152_000.0, SECOND_OF_JANUARY]) * factor) == unit
    assert unit_by_size(np.array([631_151_999.0, SECOND_OF_JANUARY]) * factor) is None
    assert unit_by_size(np.array([])) is None


def test_timestamps_and_dates() -> None:
    moment = datetime.datetime(2026, 1, 2, 5)
    time = Time(column="at", zone="America/Lima")
    for unit in ("s", "ms", "us", "ns"):
        local = pa.array([moment, None], pa.timestamp(unit))
        assert seconds(local, time) == [SECOND_OF_JANUARY + (5 + 5) * HOUR, None]
        aware = pa.array([moment, None], pa.timestamp(unit, "Asia/Kolkata"))
        assert seconds(aware, time) == [SECOND_OF_JANUARY + 5 * HOUR, None]
    dates = pa.array([datetime.date(2026, 1, 2), None, datetime.date(9999, 1, 1)])
    assert seconds(dates, time) == [SECOND_OF_JANUARY + 5 * HOUR, None, None]


def test_a_form_of_its_own() -> None:
    time = Time(column="at", zone="America/Lima", format="%d/%m/%Y %H:%M")
    values = pa.array(["02/01/2026 05:00", "2026-01-02", "02/13/2026 05:00", None])
    assert seconds(values, time) == [SECOND_OF_JANUARY + (5 + 5) * HOUR, None, None, None]
    time = Time(column="at", zone="America/Lima", format="%d/%m/%Y %H:%M %Z")
    values = pa.array(["02/01/2026 05:00 UTC", "02/01/2026 05:00 soon"])
    assert seconds(values, time) == [SECOND_OF_JANUARY + 5 * HOUR, None]
    time = Time(column="at", zone="America/Lima", format="%d/%m/%Y %H:%M %z")
    values = pa.array(["02/01/2026 05:00 +0200", "02/01/2026 05:00 +0000"])
    assert seconds(values, time) == [SECOND_OF_JANUARY + 3 * HOUR, SECOND_OF_JANUARY + 5 * HOUR]
    # A percent sign and a letter are no offset: the time is one of the zone.
    time = Time(column="at", zone="America/Lima", format="%d/%m/%Y %H:%M %%z")
    values = pa.array(["02/01/2026 05:00 %z"])
    assert seconds(values, time) == [SECOND_OF_JANUARY + (5 + 5) * HOUR]


def test_local_times_that_do_not_exist_or_come_twice() -> None:
    # Berlin, 2026: clocks go from 2:00 to 3:00 on 29 March, from 3:00 back to 2:00 on 25 October.
    times = pa.array(["2026-03-29 02:30:00", "2026-03-29 03:00:00", "2026-10-25 02:30:00"])
    skipped, after, twice = seconds(times, Time(column="at", zone="Europe/Berlin"))
    assert skipped == after
    assert twice == seconds(pa.array(["2026-10-25 00:30:00"]), Time(column="at"))[0]


@pytest.mark.parametrize("values", [pa.array([1]), pa.array([1.0]), pa.array([[1]])])
def test_numbers_need_a_unit(values: pa.Array) -> None:
    with pytest.raises(InputError, match=r"time\.column: expected times, or a `unit`"):
        seconds(values, Time(column="at"))
