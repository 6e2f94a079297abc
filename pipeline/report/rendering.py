"""Jinja templates with everything escaped that comes from data."""

import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from data.amounts import counted

UNKNOWN = "\N{EN DASH}"
_UNITS = ("B", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
_MINUTE = 60
# Width of a chart at most, and of its letters, which grow with it.
_NARROW, _WIDE = ("27rem", "12px"), ("36rem", "10px")
_MOST_DIGITS = 9


def render(template: str, **values: Any) -> str:
    """Renders a page.

    Args:
        template: its name in `templates`.
        values: what it shows.

    Returns:
        The page as HTML.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=count,
        counted=counted,
        digits=digits,
        metric=metric,
        signed=signed,
        percent=percent,
        seconds=seconds,
        size=size,
        moment=moment,
        spoken=spoken,
        columns=columns,
    )
    return environment


def columns(charts: int) -> str:
    """The style that tells a grid of charts its columns, so that none stands alone on the last row.

    Args:
        charts: how many there are.

    Returns:
        Of the three and of the four columns that a screen has room for, how many are used, and how
        wide they are at most: charts that leave a column free are wider, so that no part of the
        page stays empty.
    """
    used = {most: _columns(charts, most) for most in (3, 4)}
    sizes = {most: _NARROW if used[most] == most else _WIDE for most in used}
    return (
        f"--of-three: {used[3]}; --of-four: {used[4]}; "
        f"--widest-of-three: {sizes[3][0]}; --widest-of-four: {sizes[4][0]}; "
        f"--letters-of-three: {sizes[3][1]}; --letters-of-four: {sizes[4][1]}"
    )


def _columns(charts: int, most: int) -> int:
    if charts <= most:
        return max(1, charts)
    fitting = [number for number in range(most, 1, -1) if charts % number != 1]
    return fitting[0] if fitting else most


def count(value: float | None) -> str:
    """A whole number with its thousands apart."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def digits(value: float, threshold: float) -> str:
    """A value with two digits, or with as many as tell on which side of a threshold it is.

    Where the value and the threshold differ by less than rounding shows, digits are added: 0.1004
    against 0.1 is `0.1004`, 0.0951 is `0.095`.
    """
    shown = (f"{value:.{places}f}" for places in range(2, _MOST_DIGITS))
    return next(
        (text for text in shown if _side(float(text), threshold) == _side(value, threshold)),
        f"{value:.{_MOST_DIGITS}f}",
    )


def _side(value: float, threshold: float) -> int:
    return (value > threshold) - (value < threshold)


def metric(value: float | None) -> str:
    """A metric with three digits."""
    return UNKNOWN if value is None else f"{value:.3f}"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    return UNKNOWN if value is None else f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage."""
    return UNKNOWN if value is None else f"{value:.{digits}%}"


def seconds(value: float | None) -> str:
    """A time in seconds, or in minutes and seconds where it is long."""
    if value is None:
        return UNKNOWN
    if value < _MINUTE:
        return f"{value:.1f} s"
    return f"{value // _MINUTE:,.0f} min {value % _MINUTE:.0f} s"


def size(value: float | None) -> str:
    """A size in bytes, in a unit that people read."""
    if value is None:
        return UNKNOWN
    power = 0
    while value >= _THOUSAND and power < len(_UNITS) - 1:
        value, power = value / _THOUSAND, power + 1
    return f"{value:.{1 if power > 2 else 0}f} {_UNITS[power]}"


def moment(value: str) -> str:
    """A time as ISO 8601, shortened to minutes."""
    found = datetime.datetime.fromisoformat(value)
    zone = "UTC" if found.utcoffset() == datetime.timedelta(0) else f"{found:%z}"
    return f"{found:%Y-%m-%d %H:%M} {zone}"


def spoken(name: str) -> str:
    """A name of a slice or a metric as people read it."""
    return name.replace("_", " ")
