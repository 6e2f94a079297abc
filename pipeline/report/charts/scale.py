"""Axes: where a value stands, and which values are written beside."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tick:
    """A value that is written on an axis.

    Attributes:
        place: in units of the picture.
        label: the value as text.
    """

    place: float
    label: str


@dataclass(frozen=True)
class Scale:
    """A linear axis from values to places in a picture.

    Attributes:
        low: value at `start`.
        high: value at `end`, above `low`.
        start: place of the lowest value.
        end: place of the highest one; below `start` for an axis that points upwards.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; one beyond an end stands at that end."""
        share = (value - self.low) / (self.high - self.low)
        share = min(1.0, max(0.0, share))
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self, most: int = 5, whole: bool = False) -> list[Tick]:
        """Round values, about that many at most, and two at least; or whole numbers alone."""
        step = _round_step((self.high - self.low) / most)
        if whole:
            step = max(1.0, step)
        elif math.floor(self.high / step) - math.ceil(self.low / step) < 1:
            step = _round_step((self.high - self.low) / (2.5 * most))
        first = math.ceil(round(self.low / step, 6))
        last = math.floor(round(self.high / step, 6))
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        values = [number * step for number in range(first, last + 1)]
        return [Tick(self(value), f"{value + 0.0:,.{digits}f}") for value in values]


def scale_of(
    values: Iterable[float | None], start: float, end: float, always: Iterable[float] = ()
) -> Scale:
    """An axis on which all values fit, with a little room at both ends.

    Args:
        values: the values; those that are None take no room.
        start: place of the lowest value.
        end: place of the highest value.
        always: values that are on the axis without room behind them, such as 0.

    Returns:
        The axis.
    """
    known = [value for value in values if value is not None]
    bounds = list(always)
    if not known and not bounds:
        return Scale(0.0, 1.0, start, end)
    low, high = min([*known, *bounds]), max([*known, *bounds])
    room = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
    low -= 0.0 if low in bounds else room
    high += 0.0 if high in bounds and high > low else room
    return Scale(low, high, start, end)


def _round_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is at least that large."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(
        factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * (1 - 1e-9)
    )
