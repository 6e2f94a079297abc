"""When a list was shown."""

import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import Field, field_validator

from data.definition import Definition

# Files beside the zones, which not every version of pandas reads.
_OF_THE_SYSTEM = ("localtime", "posixrules", "Factory", "posix", "right")


class Time(Definition):
    """When a list was shown.

    Attributes:
        column: the column with the time.
        zone: time zone of values that carry none; UTC by default.
        unit: how integers count since 1970: `s`, `ms`, `us`; None for timestamps and ISO text.
        format: strptime format of text in another form, such as `%d/%m/%Y %H:%M`.
    """

    column: str = Field(min_length=1)
    zone: str = "UTC"
    unit: Literal["s", "ms", "us"] | None = None
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
