"""Hive partitions: values that stand in a path, as in `day=2026-01-02/part-0.parquet`."""

import datetime
import re
from collections.abc import Mapping
from urllib.parse import unquote

from data.errors import InputError

# What Hive writes for a missing value.
_MISSING = "__HIVE_DEFAULT_PARTITION__"
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{8}")


def partition_values(path: str) -> dict[str, str | None]:
    """The values that a path gives to all rows of its file.

    Args:
        path: path of a file.

    Returns:
        Value by column, from the outermost folder to the innermost; None is missing.
    """
    pairs = [part.split("=", 1) for part in path.split("/")[:-1] if "=" in part]
    return {unquote(key): _value(value) for key, value in pairs if key}


def partition_date(path: str) -> datetime.date | None:
    """The date of a file's partition.

    Args:
        path: path of a file, from `--input` downwards.

    Returns:
        The partition value that is a date (`2026-01-02` or `20260102`), else the one of the
        partitions `year`, `month` and `day`; None where there is neither.

    Raises:
        InputError: two partitions are different dates.
    """
    values = partition_values(path)
    dates = {key: date for key, value in values.items() if (date := _date(value or ""))}
    if len(set(dates.values())) > 1:
        named = " and ".join(f"{key}={values[key]}" for key in dates)
        raise InputError(
            f"--from and --to go by one dated folder below --input, found {named} in {path!r}; "
            "give --input the folder of one of them, such as "
            f"`.../{next(iter(dates))}={values[next(iter(dates))]}`"
        )
    parts = [values.get(key) or "" for key in ("year", "month", "day")]
    return next(iter(dates.values()), _date("-".join(part.zfill(2) for part in parts)))


def between(
    below: Mapping[str, str], start: datetime.date | None, end: datetime.date | None
) -> list[str]:
    """Files of the partitions from one date to another, both included.

    Args:
        below: by path of a file, the part of it below `--input`: only its folders count.
        start: first date; None takes all up to `end`.
        end: last date; None takes all from `start`.

    Returns:
        The paths within, in the order given.

    Raises:
        InputError: a path has no date partition or several, or none lies within.
    """
    if start is None and end is None:
        return list(below)
    dates = {path: partition_date(part) for path, part in below.items()}
    without = [path for path, date in dates.items() if date is None]
    if without:
        raise InputError(
            "--from and --to need folders such as day=2026-01-02 below --input in every path, "
            f"found {without[0]!r}"
        )
    known = {path: date for path, date in dates.items() if date is not None}
    first, last = start or datetime.date.min, end or datetime.date.max
    within = [path for path, date in known.items() if first <= date <= last]
    if not within:
        raise InputError(
            f"expected partitions from {start or 'the first'} to {end or 'the last'}, "
            f"found dates from {min(known.values())} to {max(known.values())}"
        )
    return within


def _value(text: str) -> str | None:
    return None if text == _MISSING else unquote(text)


def _date(text: str) -> datetime.date | None:
    # With fewer digits, strptime would take the month 202612 for the 2nd of January.
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d" if "-" in text else "%Y%m%d").date()
    except ValueError:
        return None
