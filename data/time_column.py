"""When a list was shown."""

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import field_validator

from data.definition import Definition


class Time(Definition):
    """When a list was shown.

    Attributes:
        column: the column with the time.
        zone: time zone of values that carry none; UTC by default.
        unit: how integers count since 1970: `s`, `ms`, `us`; None for timestamps and ISO text.
        format: strptime format of text in another form, such as `%d/%m/%Y %H:%M`.
    """

    column: str
    zone: str = "UTC"
    unit: Literal["s", "ms", "us"] | None = None
    format: str | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except Exception as error:
            raise ValueError("expected a time zone such as Europe/Berlin") from error
        return zone
