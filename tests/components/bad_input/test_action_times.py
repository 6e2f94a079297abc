"""Bad times of actions, each kind by hand, through the component."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.definition.dataset import Dataset
from tests.components.bad_input import logs
from tests.components.bad_input.running import REFUSED, SET_ASIDE, TAKEN, outcome_of

pytestmark = pytest.mark.reliability("bad input")

KEPT = {"name": "kept", "column": "purchase", "grade": 3, "undone_by": "back", "at": "bought"}
TASKS = [
    {"name": "click", "grade": 1},
    {"name": "purchase", "grade": 2, "at": "bought", "matures_after": "2d"},
    {**KEPT, "matures_after": "9d"},
]
UNTIL = "2026-06-01T00:00:00"
# A purchase of the logs: item 1 of list 0, shown on 1 March at noon.
BOUGHT = 1


def _dataset(**fields: Any) -> Dataset:
    time = {"column": "shown_at", "zone": "Europe/Berlin"}
    return logs.dataset(**{"tasks": TASKS, "time": time, "seen_until": UNTIL, **fields})


def _frame() -> pd.DataFrame:
    """Good logs: whatever was bought was bought an hour later, and none went back."""
    frame = pd.DataFrame(logs.rows())
    later = pd.to_datetime(frame["shown_at"]) + pd.Timedelta(1, "h")
    bought = frame["purchase"] == "1"
    assert bought[BOUGHT]
    times = later.dt.strftime("%Y-%m-%dT%H:%M:%S").where(bought)
    return frame.assign(bought=times, back=pd.Series([None] * len(frame), dtype=object))


def _csv(change: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    return change(_frame()).to_csv(index=False).encode()


def _with(**cells: object) -> bytes:
    """The logs with other cells in the row of a purchase."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        for name, value in cells.items():
            frame.loc[BOUGHT, name] = value
        return frame

    return _csv(change)


def _parquet(change: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    sink = io.BytesIO()
    change(_frame()).to_parquet(sink)
    return sink.getvalue()


def _typed(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    moments = pd.to_datetime(frame["bought"]).dt.tz_localize("Europe/Berlin").dt.tz_convert(zone)
    return frame.assign(bought=moments)


# What is tried: the file's name, its content, and the rows set aside or the words of the error.
CASES: dict[str, tuple[str, bytes, int | str]] = {
    "times of actions": ("a.csv", _csv(lambda frame: frame), 0),
    "an action before its list": ("a.csv", _with(bought="2026-03-01T11:59:59"), 1),
    "an action before its list in another zone": (
        "a.csv",
        _with(bought="2026-03-01T12:00:00+02:00"),
        1,
    ),
    "an action in another zone": ("a.csv", _with(bought="2026-03-01T12:00:00+01:00"), 0),
    "an action after seen_until": ("a.csv", _with(bought="2026-06-01T00:00:01"), 1),
    "a list after seen_until": (
        "a.csv",
        _with(shown_at="2026-06-02T00:00:00", bought=None, purchase="0"),
        1,
    ),
    "an action without a time": ("a.csv", _with(bought=None), 1),
    "a time without an action": ("a.csv", _with(purchase="0"), 1),
    "an unknown action with a time": ("a.csv", _with(purchase=None), 0),
    "an undoing before its action": ("a.csv", _with(back="2026-03-01T12:59:59"), 1),
    "an undoing at once": ("a.csv", _with(back="2026-03-01T13:00:00"), 0),
    "an undoing of nothing": (
        "a.csv",
        _with(bought=None, purchase="0", back="2026-03-02T12:00:00"),
        1,
    ),
    "an undoing after seen_until": ("a.csv", _with(back="2026-06-01T00:00:01"), 1),
    "a time of an action that is none": ("a.csv", _with(bought="tomorrow"), 1),
    "a day of an action that is none": ("a.csv", _with(bought="2026-02-30T12:00:00"), 1),
    "an action of the year 9999": ("a.csv", _with(bought="9999-12-31T00:00:00"), 1),
    "seconds among times of actions": ("a.csv", _with(bought="1772362830"), 1),
    "an hour that clocks skip": (
        "a.csv",
        _with(shown_at="2026-03-29T01:30:00", bought="2026-03-29T02:30:00"),
        0,
    ),
    "an hour that comes twice": (
        "a.csv",
        _with(shown_at="2025-10-26T02:30:00", bought="2025-10-26T02:30:00"),
        0,
    ),
    "an action after the clock went back": (
        "a.csv",
        _with(shown_at="2025-10-26T02:50:00", bought="2025-10-26T02:10:00"),
        1,
    ),
    "an action after the clock went back, with its zone": (
        "a.csv",
        _with(shown_at="2025-10-26T02:50:00+02:00", bought="2025-10-26T02:10:00+01:00"),
        0,
    ),
    "rows in any order": ("a.csv", _csv(lambda frame: frame.sample(frac=1, random_state=1)), 0),
    "an action long after its window": ("a.csv", _with(bought="2026-05-31T12:00:00"), 0),
    "timestamps of another zone": ("a.parquet", _parquet(lambda f: _typed(f, "Asia/Tokyo")), 0),
    "a column of times without any": (
        "a.parquet",
        _parquet(lambda frame: frame.assign(back=pd.Series(pd.NaT, frame.index))),
        0,
    ),
    "a column of NaN for times": (
        "a.parquet",
        _parquet(lambda frame: frame.assign(back=float("nan"))),
        0,
    ),
    "a column of times of no type": ("a.parquet", _parquet(lambda frame: frame), 0),
    "a day without an hour": ("a.csv", _with(bought="2026-03-01"), 1),
    "a day without an hour, later": ("a.csv", _with(bought="2026-03-02"), 0),
    "an hour of an action that is none": ("a.csv", _with(bought="2026-03-01T24:00:00"), 1),
    "a day before its month": ("a.csv", _with(bought="01/03/2026 13:00"), 1),
    "a zone by its name": ("a.csv", _with(bought="2026-03-01T13:00:00 CET"), 1),
    "a day of zeros": ("a.csv", _with(bought="0000-00-00 00:00:00"), 1),
    "1970 for never": ("a.csv", _with(back="1970-01-01T00:00:00"), 1),
    "2099 for never": ("a.csv", _with(back="2099-12-31T00:00:00"), 1),
    "a list and its action before 1970": (
        "a.csv",
        _with(shown_at="1969-12-31T12:00:00", bought="1969-12-31T12:00:00"),
        0,
    ),
    "an action a fraction of a second before its list": (
        "a.csv",
        _with(shown_at="2026-03-01T12:00:00.9", bought="2026-03-01T12:00:00.1"),
        0,
    ),
    "numbers for times": (
        "a.parquet",
        _parquet(lambda frame: frame.assign(bought=frame.index.to_numpy() * 1.0)),
        "expected times, or a `unit`",
    ),
    "no column of times": (
        "a.csv",
        _csv(lambda frame: frame.drop(columns="bought")),
        "tasks[1].at (task 'purchase'): expected a column 'bought', found none",
    ),
}


@pytest.mark.parametrize("kind", list(CASES))
def test_each_kind_ends_in_one_of_two_ways(
    kind: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    name, content, expected = CASES[kind]
    (tmp_path / name).write_bytes(content)
    outcome = outcome_of(_dataset(), [tmp_path / name], tmp_path)
    if isinstance(expected, str):
        assert outcome.name == REFUSED
        assert expected in outcome.error
    else:
        assert outcome.name == (SET_ASIDE if expected else TAKEN), outcome.error
        assert len(outcome.aside) == expected, outcome.aside
        assert all(row["row"] == BOUGHT + 1 for row in outcome.aside)
    record_property("what", kind)
    record_property("tried", 1)
    record_property("outcome", f"{outcome.name}: {outcome.error or len(outcome.aside)}")
