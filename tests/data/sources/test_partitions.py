from datetime import date

import pytest

from data.errors import InputError
from data.sources.partitions import between, partition_date, partition_values

DAYS = [f"logs/day=2026-01-0{day}/country=NL/part-0.parquet" for day in range(1, 6)]
BELOW = {path: path.removeprefix("logs/") for path in DAYS}


def test_values_stand_in_the_path() -> None:
    path = "a=b/logs/day=2026-01-02/shop=Caf%C3%A9%2F1/kind=__HIVE_DEFAULT_PARTITION__/x=y.csv"
    assert partition_values(path) == {
        "a": "b",
        "day": "2026-01-02",
        "shop": "Café/1",
        "kind": None,
    }


@pytest.mark.parametrize(
    "path",
    [
        "country=NL/day=2026-01-02/a.csv",
        "dt=20260102/a.csv",
        "year=2026/month=1/day=2/a.csv",
        "year=2026/month=01/day=02/hour=20/a.csv",
        "shard=202611/batch=1234511/day=2026-01-02/a.csv",
    ],
)
def test_date_of_a_partition(path: str) -> None:
    assert partition_date(path) == date(2026, 1, 2)


@pytest.mark.parametrize(
    "part", ["month=202612", "week=2026123", "hour=2026010513", "day=\u0662\u0660\u0662\u0666-1-5"]
)
def test_other_numbers_are_no_date(part: str) -> None:
    """strptime alone takes the month 202612 for the 2nd of January 2026."""
    assert partition_date(f"logs/{part}/a.csv") is None


def test_both_ends_are_included() -> None:
    assert between(BELOW, date(2026, 1, 2), date(2026, 1, 4)) == DAYS[1:4]
    assert between(BELOW, None, date(2026, 1, 2)) == DAYS[:2]
    assert between(BELOW, date(2026, 1, 5), None) == DAYS[4:]
    assert between({"logs/a.csv": "a.csv"}, None, None) == ["logs/a.csv"]


def test_dates_need_partitions() -> None:
    with pytest.raises(InputError, match=r"--from and --to need folders.*'logs/a\.csv'"):
        between({**BELOW, "logs/a.csv": "a.csv"}, date(2026, 1, 2), None)


def test_no_partition_within_tells_what_there_is() -> None:
    with pytest.raises(InputError, match=r"from 2026-02-01 to the last.*2026-01-01 to 2026-01-05"):
        between(BELOW, date(2026, 2, 1), None)


def test_two_partitions_that_are_dates_are_refused() -> None:
    path = "snapshot=2026-02-01/day=2026-01-02/a.csv"
    with pytest.raises(InputError, match=r"snapshot=2026-02-01 and day=2026-01-02.*give --input"):
        between({f"logs/{path}": path}, date(2026, 1, 2), None)
    assert partition_date("day=2026-01-02/date=20260102/a.csv") == date(2026, 1, 2)


def test_values_that_look_like_paths_are_values_only() -> None:
    path = "logs/shop=..%2F..%2Fx/tenant=%00/..=..%2Fetc/part.csv"
    assert partition_values(path) == {"shop": "../../x", "tenant": "\0", "..": "../etc"}
