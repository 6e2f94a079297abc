"""Times of actions in logs: those that cannot be are set aside, the others are read exactly."""

import numpy as np
import pyarrow as pa
import pytest

from data.definition.dataset import Dataset
from data.rows import CanonicalRows, canonical_rows
from data.rows.action_times import explicit_seen_until, newest
from data.sources import RowBatch

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "time": {"column": "shown_at", "zone": "Europe/Berlin"},
        "seen_until": "2026-03-31T00:00:00",
        "tasks": [
            {"name": "click", "grade": 1},
            {"name": "purchase", "grade": 2, "at": "bought_at", "matures_after": "7d"},
            {
                "name": "kept",
                "column": "purchase",
                "grade": 3,
                "at": "bought_at",
                "undone_by": "sent_back_at",
                "matures_after": "14d",
            },
        ],
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
    }
)
ROW = {
    "search": "s1",
    "shown_at": "2026-03-01 12:00:00",
    "price": 1.0,
    "click": 1,
    "purchase": 1,
    "bought_at": "2026-03-01 12:00:30",
    "sent_back_at": None,
}
NOON = 1_772_362_800  # 2026-03-01 12:00 in Berlin, an hour before 12:00 UTC.


def _rows(*changes: dict, dataset: Dataset = DATASET) -> CanonicalRows:
    # Texts keep their columns texts where all of them are missing.
    rows = [ROW | change for change in changes]
    columns = {
        name: pa.array([row[name] for row in rows], pa.string() if "_at" in name else None)
        for name in ROW
    }
    batch = RowBatch("logs.parquet", 11, pa.table(columns))
    return canonical_rows(dataset, batch, seen_until=explicit_seen_until(dataset))


def _reason(change: dict) -> str:
    found = _rows(ROW, change)
    assert found.rows.num_rows == 1, "the good row stays"
    (reason,) = found.set_aside["reason"].to_pylist()
    return reason


def test_times_are_seconds_and_missing_ones_are_not_seen() -> None:
    unbought = {"purchase": 0, "bought_at": None}
    rows = _rows({"sent_back_at": "2026-03-05T11:00:00Z"}, unbought).rows
    assert rows["list_time"].to_pylist() == [NOON, NOON]
    np.testing.assert_array_equal(rows["__at_purchase"], [NOON + 30, np.nan])
    # 11:00 UTC is noon in Berlin, four days later.
    np.testing.assert_array_equal(rows["__undone_by_kept"], [NOON + 4 * 86_400, np.nan])
    assert rows["label_kept"].to_pylist() == [1.0, 0.0]


FAULTS = {
    "before the list": (
        {"bought_at": "2026-03-01 11:59:59"},
        "bought_at: expected a time from that of the list (shown_at) on, "
        "found '2026-03-01 11:59:59'",
    ),
    "before the list in another zone": (
        {"bought_at": "2026-03-01T12:00:00+02:00"},
        "bought_at: expected a time from that of the list (shown_at) on, "
        "found '2026-03-01T12:00:00+02:00'",
    ),
    "undone before done": (
        {"sent_back_at": "2026-03-01 12:00:29"},
        "sent_back_at: expected a time from that of the action (bought_at) on, "
        "found '2026-03-01 12:00:29'",
    ),
    "undone, never done": (
        {"purchase": 0, "bought_at": None, "sent_back_at": "2026-03-02 12:00:00"},
        "sent_back_at: expected no time where bought_at has none, found '2026-03-02 12:00:00'",
    ),
    "after what was seen": (
        {"bought_at": "2026-03-31 00:00:01"},
        "bought_at: expected a time up to seen_until (2026-03-31 00:00:00), "
        "found '2026-03-31 00:00:01'",
    ),
    "undone after what was seen": (
        {"sent_back_at": "2026-04-01 00:00:00"},
        "sent_back_at: expected a time up to seen_until (2026-03-31 00:00:00), "
        "found '2026-04-01 00:00:00'",
    ),
    "list after what was seen": (
        {"shown_at": "2026-04-02 00:00:00", "purchase": 0, "bought_at": None},
        "shown_at: expected a time up to seen_until (2026-03-31 00:00:00), "
        "found '2026-04-02 00:00:00'",
    ),
    "done without a time": (
        {"bought_at": None},
        "bought_at: expected a time where purchase is above 0, found nothing",
    ),
    "a time without being done": (
        {"purchase": 0},
        "bought_at: expected no time where purchase is 0, found '2026-03-01 12:00:30'",
    ),
    "no time": ({"bought_at": "soon"}, "bought_at: expected a time in ISO form, found 'soon'"),
    "a count": (
        {"bought_at": "1772362830"},
        "bought_at: expected a time in ISO form (these look like counts since 1970: "
        "`task 'purchase': at: unit: s`), found '1772362830'",
    ),
    "a day that does not exist": (
        {"bought_at": "2026-02-30 12:00:00"},
        "bought_at: expected a time in ISO form, found '2026-02-30 12:00:00'",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_times_that_cannot_be_set_their_row_aside(fault: str) -> None:
    change, reason = FAULTS[fault]
    assert _reason(change) == reason


def test_an_action_at_the_moment_of_its_list_and_at_the_last_one_seen_are_taken() -> None:
    found = _rows({"bought_at": ROW["shown_at"]}, {"bought_at": "2026-03-31 00:00:00"})
    assert found.set_aside.num_rows == 0


def test_an_hour_that_comes_twice_or_never_is_read_as_the_lists_are() -> None:
    # Clocks went back at 3:00 on 25 October 2026, and on at 2:00 on 29 March.
    dataset = DATASET.model_copy(update={"seen_until": "newest"})
    twice = {"shown_at": "2026-10-25 02:30:00", "bought_at": "2026-10-25 02:30:00"}
    never = {"shown_at": "2026-03-29 01:59:59", "bought_at": "2026-03-29 02:30:00"}
    rows = _rows(twice, never, dataset=dataset).rows
    after = np.subtract(rows["__at_purchase"], rows["list_time"])
    # The skipped time is the moment at which the clocks went on.
    np.testing.assert_array_equal(after, [0, 1])


def test_an_unknown_label_with_a_time_is_a_yes() -> None:
    assert _rows(ROW, {"purchase": None}).rows["label_purchase"].to_pylist() == [1.0, 1.0]


REFUND = {"name": "refund", "column": "sent_back_at", "grade": 2, "at": "sent_back_at"}
# The task that asks less of the column stands first.
WITH_REFUNDS = Dataset.model_validate(
    DATASET.model_dump()
    | {
        "tasks": [*(task.model_dump() for task in DATASET.tasks[:2]), REFUND, DATASET.tasks[2]],
        "actions_imply_previous": False,
    }
)


@pytest.mark.parametrize("fault", ["undone before done", "undone, never done"])
def test_what_takes_back_is_checked_where_it_is_an_action_itself(fault: str) -> None:
    change, reason = FAULTS[fault]
    assert _rows(change, dataset=WITH_REFUNDS).set_aside["reason"].to_pylist() == [reason]
    back = {"sent_back_at": "2026-03-05 12:00:00"}
    rows = _rows(back, dataset=WITH_REFUNDS).rows
    assert rows["__at_refund"].to_pylist() == rows["__undone_by_kept"].to_pylist()
    assert rows["label_refund"].to_pylist() == [1.0]


def test_a_column_that_is_read_in_two_zones_is_read_in_both() -> None:
    kept = DATASET.tasks[2].model_dump() | {"at": {"column": "bought_at", "zone": "Asia/Tokyo"}}
    tasks = [*(task.model_dump() for task in DATASET.tasks[:2]), kept]
    dataset = Dataset.model_validate(DATASET.model_dump() | {"tasks": tasks})
    # What is half a minute after the list in Berlin is hours before it in Tokyo.
    assert _rows(ROW, dataset=dataset).rows.num_rows == 0


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_nan_among_counts_is_no_time_and_a_column_of_it_has_none(unit: str) -> None:
    parts = {"s": 1, "ms": 1000}[unit]
    tasks = [task.model_dump() for task in DATASET.tasks]
    tasks[1]["at"] = tasks[2]["at"] = {"column": "bought_at", "unit": unit}
    dataset = Dataset.model_validate(DATASET.model_dump() | {"tasks": tasks})
    columns = {name: [value] * 2 for name, value in ROW.items()} | {
        "purchase": [1, 0],
        "bought_at": np.array([(NOON + 30) * parts, np.nan]),
        "sent_back_at": np.full(2, np.nan),
    }
    batch = RowBatch("logs.parquet", 11, pa.table(columns))
    found = canonical_rows(dataset, batch)
    assert found.set_aside.num_rows == 0
    np.testing.assert_array_equal(found.rows["__at_purchase"], [NOON + 30, np.nan])
    np.testing.assert_array_equal(found.rows["__undone_by_kept"], [np.nan] * 2)


def test_timestamps_are_read_where_the_time_of_lists_is_a_count() -> None:
    time = {"column": "shown_at", "unit": "ms"}
    dataset = Dataset.model_validate(DATASET.model_dump() | {"time": time})
    bought = pa.array([(NOON + 30) * 1_000, None], pa.timestamp("ms", tz="UTC"))
    columns = {name: [value] * 2 for name, value in ROW.items()} | {
        "shown_at": [NOON * 1_000] * 2,
        "purchase": [1, 0],
        "bought_at": bought,
    }
    found = canonical_rows(dataset, RowBatch("logs.parquet", 11, pa.table(columns)))
    np.testing.assert_array_equal(found.rows["__at_purchase"], [NOON + 30, np.nan])


def test_a_column_of_times_can_be_the_label_itself() -> None:
    task = {"name": "purchase", "grade": 1, "column": "bought_at", "at": "bought_at"}
    dataset = Dataset.model_validate(
        DATASET.model_dump() | {"tasks": [task], "seen_until": "newest"}
    )
    rows = _rows(ROW, {"bought_at": None}, dataset=dataset).rows
    assert rows["label_purchase"].to_pylist() == [1.0, 0.0]


def test_the_newest_time_is_that_of_a_list_an_action_or_an_undoing() -> None:
    back = {"sent_back_at": "2026-03-05 12:00:00"}
    assert newest(DATASET, _rows(ROW, back).rows) == NOON + 4 * 86_400
    assert newest(DATASET, _rows({"purchase": 0, "bought_at": None}).rows) == NOON
    assert newest(DATASET, _rows(back).rows.slice(0, 0)) is None
