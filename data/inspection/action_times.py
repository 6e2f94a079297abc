"""Which columns look like the time of an action, or like that of taking it back."""

import math
import re

import numpy as np
import pandas as pd
import pyarrow as pa

from data.definition.time_column import Time
from data.inspection import roles
from data.rows.raw import RawColumn
from data.rows.times import as_seconds

UNDONE = r"return|refund|cancel|sent_back|revers|undo|storn|chargeback"
# Share of the rows in which a time must stand where the action was done, and in order.
_MOSTLY = 0.99
# Fewer times say nothing.
_FEW = 5
_MINUTES = {"m": 1, "h": 60, "d": 1_440}
# Windows that people take; longer ones are whole weeks.
_NUMBERS = {"m": (1, 5, 15, 30), "h": (1, 3, 6, 12), "d": (1, 2, 3, 5, 7, 10, 14, 21, 28)}
_USUAL = [f"{number}{unit}" for unit, numbers in _NUMBERS.items() for number in numbers]
_WEEK = 7


class ActionTimes:
    """The times of actions among the columns of logs.

    Args:
        sample: the first rows.
        shown: the column with the time of the lists.
        taken: columns with another role.
    """

    def __init__(self, sample: pd.DataFrame, shown: str, taken: set[str]) -> None:
        self._sample = sample
        self._shown = _moments(sample[shown])
        names = [name for name in roles.times(sample) if name not in taken | {shown}]
        found = {name: _moments(sample[name]) for name in names}
        self._moments = {name: one for name, one in found.items() if one.notna().sum() >= _FEW}

    def of(self, action: str) -> str | None:
        """The time of an action: there nearly wherever it was done and nowhere else, and later."""
        done = self._sample[action].fillna(0) > 0
        fitting = [
            name
            for name, moments in self._moments.items()
            if (moments.notna() == done).mean() >= _MOSTLY
            and done[moments.notna()].mean() >= _MOSTLY
            and moments[done].notna().mean() >= _MOSTLY
            and self._follow(moments, self._shown)
        ]
        # Where all that was clicked was bought, the name tells.
        return min(fitting, key=lambda name: (_common(name, action), name), default=None)

    def undoing(self, action: str, at: str) -> str | None:
        """The time at which an action was taken back: by its name, only where it was done."""
        done = self._sample[action].fillna(0) > 0
        for name, moments in self._moments.items():
            told = moments.notna()
            if name == at or not re.search(UNDONE, name.lower()):
                continue
            if done[told].all() and self._follow(moments, self._moments[at]):
                return name
        return None

    def usual_window(self, name: str) -> str:
        """The usual window from the list within which 99% of the times lie, for `matures_after`."""
        minutes = float((self._moments[name] - self._shown).dropna().quantile(0.99)) / 60
        weeks = f"{_WEEK * math.ceil(minutes / _MINUTES['d'] / _WEEK)}d"
        return next((window for window in _USUAL if minutes_of(window) >= minutes), weeks)

    @staticmethod
    def _follow(moments: pd.Series, earlier: pd.Series) -> bool:
        apart = (moments - earlier).dropna()
        return bool(len(apart)) and bool((apart >= 0).mean() >= _MOSTLY)


def minutes_of(window: str) -> int:
    """The minutes of a window, such as 2880 of `2d`."""
    return int(window[:-1]) * _MINUTES[window[-1]]


def _moments(values: pd.Series) -> pd.Series:
    """Seconds since 1970, NaN where there is no time; texts first as a run reads them."""
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        texts = RawColumn(pa.array(values, pa.string(), from_pandas=True), "", "", "")
        read, wrong = as_seconds(texts, Time(column="at", zone="UTC"))
        if np.sum(~wrong) >= _MOSTLY * values.notna().sum():
            return pd.Series(np.where(wrong, np.nan, read), values.index)
    unit = roles.time_unit(values)
    if unit is None and pd.api.types.is_numeric_dtype(values):
        return pd.Series(np.nan, values.index)
    times = pd.to_datetime(values, unit=unit, utc=True, errors="coerce")
    seconds = (times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(1, "s")
    # A column of which much is no time is no column of times.
    return seconds if times.notna().sum() >= _MOSTLY * values.notna().sum() else seconds * np.nan


def _common(name: str, action: str) -> int:
    """0 less the letters that both begin with."""
    pairs = zip(name.lower(), action.lower(), strict=False)
    return -next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(name), len(action)))
