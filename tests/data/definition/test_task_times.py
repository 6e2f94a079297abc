"""Definitions of tasks whose actions have times: what is taken, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from data.definition.dataset import Dataset
from data.definition.time_column import Time

CLICK = {"name": "click", "grade": 1}
PURCHASE = {"name": "purchase", "grade": 2, "at": "bought_at", "matures_after": "7d"}
KEPT = {
    "name": "kept",
    "column": "purchase",
    "grade": 3,
    "at": "bought_at",
    "undone_by": "sent_back_at",
    "matures_after": "4w",
}


def _dataset(*tasks: dict, **fields: Any) -> Dataset:
    definition = {
        "name": "shop",
        "list_id": "search",
        "time": {"column": "shown_at", "zone": "Europe/Berlin"},
        "tasks": tasks or (CLICK, PURCHASE, KEPT),
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
    }
    return Dataset.model_validate(definition | fields)


def test_windows_are_read_as_seconds() -> None:
    windows = [task.window for task in _dataset().tasks]
    assert windows == [None, 7 * 86_400, 4 * 7 * 86_400]
    assert _dataset({**PURCHASE, "matures_after": "90m"}).tasks[0].window == 90 * 60


def test_a_time_is_read_as_that_of_the_lists_unless_it_says_otherwise() -> None:
    own = {"column": "bought_at", "unit": "s"}
    dataset = _dataset(PURCHASE, {**KEPT, "at": own})
    (_, field, first), (_, _, second), *_ = dataset.action_times()
    assert (field, first) == ("at", Time(column="bought_at", zone="Europe/Berlin"))
    assert second == Time(column="bought_at", unit="s")


def test_definitions_are_the_same_after_a_trip_through_json() -> None:
    dataset = _dataset(seen_until="2026-03-01T00:00:00")
    assert Dataset.model_validate_json(dataset.model_dump_json()) == dataset


def test_what_must_be_done_first_is_the_action_that_is_taken_back() -> None:
    dataset = _dataset()
    click, purchase, _ = dataset.tasks
    assert [dataset.stage_before(task) for task in dataset.tasks] == [None, click, purchase]
    loose = _dataset(actions_imply_previous=False)
    assert [loose.stage_before(task) for task in loose.tasks] == [None, None, purchase]


FAULTS: dict[str, tuple[tuple[dict, ...], dict, str]] = {
    "no time of lists": ((PURCHASE,), {"time": None}, "'purchase': expected `time`"),
    "undone without at": (
        (CLICK, {**KEPT, "at": None}),
        {},
        "task 'kept': undone_by needs `at`",
    ),
    "one column for both": ((CLICK, {**KEPT, "undone_by": "bought_at"}), {}, "are the same column"),
    "a time as a feature": (
        (CLICK, PURCHASE),
        {"features": [{"name": "bought_at", "scope": "item", "kind": "numeric"}]},
        "'bought_at' is known only afterwards and must not be a feature",
    ),
    "a time with a role": (({**PURCHASE, "at": "shown_at"},), {}, "'shown_at' has another role"),
    "a time left out": ((PURCHASE,), {"left_out": {"bought_at": "why"}}, "has another role"),
    "a window of words": (
        (CLICK, {**PURCHASE, "matures_after": "soon"}),
        {},
        "such as 14d, 36h or 2w",
    ),
    "a window of nothing": ((CLICK, {**PURCHASE, "matures_after": "0d"}), {}, "such as 14d"),
    "falling windows": (
        (PURCHASE, {**KEPT, "matures_after": "1d"}),
        {},
        "matures_after must not fall .* found \\['7d', '1d'\\]",
    ),
    "a column twice": ((PURCHASE, {**KEPT, "undone_by": None}), {}, "columns: .*named twice"),
    "seen_until for nothing": ((CLICK,), {"seen_until": "2026-01-01"}, "no task has `at`"),
    "a reserved name": (
        (CLICK, PURCHASE),
        {"features": [{"name": "seen_purchase", "scope": "item", "kind": "numeric"}]},
        "reserved names",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_is_refused_with_one_message(fault: str) -> None:
    tasks, fields, message = FAULTS[fault]
    with pytest.raises(ValidationError, match=message) as caught:
        _dataset(*tasks, **fields)
    assert caught.value.error_count() == 1


def test_names_are_reserved_only_where_tasks_have_times() -> None:
    feature = {"name": "list_age", "scope": "context", "kind": "numeric"}
    item = {"name": "price", "scope": "item", "kind": "numeric"}
    assert not _dataset(CLICK, features=[feature, item]).timed
