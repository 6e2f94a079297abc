"""When a list was shown."""

import datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from data.definition.base import Definition

# Files beside the zones, which not every version of pandas reads.
_OF_THE_SYSTEM = ("localtime", "posixrules", "Factory", "posix", "right")

Unit = Literal["s", "ms", "us", "ns"]

# Parts of a second in each unit.
PARTS_PER_SECOND: dict[Unit, int] = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

# Counts of seconds from 1990 to 2100: those of the other units are far larger.
_FIRST_SECOND, _LAST_SECOND = 631_152_000, 4_102_444_800


class Time(Definition):
    """When a list was shown.

    Attributes:
        column: the column with the time.
        zone: time zone of values that carry none; UTC by default.
        unit: how numbers count since 1970: `s`, `ms`, `us`, `ns`; None for timestamps and ISO
            text.
        format: strptime format of text in another form, such as `%d/%m/%Y %H:%M`.
    """

    column: str = Field(min_length=1)
    zone: str = "UTC"
    unit: Unit | None = None
    format: str | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
            pd.DatetimeIndex([]).tz_localize(zone)
            if zone.partition("/")[0] in _OF_THE_SYSTEM:
                raise ValueError("a file of the system's")
        except Exception as error:
            raise ValueError("expected a time zone such as Europe/Berlin") from error
        return zone

    @field_validator("format")
    @classmethod
    def _known_format(cls, form: str | None) -> str | None:
        try:
            datetime.datetime.strptime("", form or "")
        except ValueError as error:
            # Otherwise it is the empty text that is of another form.
            if "bad directive" in str(error) or "stray %" in str(error):
                raise ValueError(f"expected a format of strptime; {error}") from error
        return form


def unit_by_size(numbers: np.ndarray) -> Unit | None:
    """The unit in which numbers count since 1970.

    Args:
        numbers: float [N], none of them NaN.

    Returns:
        The unit in which all of them lie between 1990 and 2100; None where there is no such unit,
        or no number.
    """
    for unit in get_args(Unit):
        seconds = numbers / PARTS_PER_SECOND[unit]
        if len(numbers) and ((seconds >= _FIRST_SECOND) & (seconds < _LAST_SECOND)).all():
            return unit
    return None
