"""Lists whose history holds their own action, however their rows lie in parts."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.definition.dataset import Dataset
from data.definition.history import History
from data.lists.encoding import encode
from data.lists.lists import Lists, group_rows, join_parts, lists_in_conflict
from data.lists.own_actions import own_actions, reason_of_own_action
from data.rows import canonical_rows
from data.sources import RowBatch

ROW = {"price": 1.0, "click": 0, "buy": 0, "shown": 7_200}


def _dataset(**history: Any) -> Dataset:
    definition: dict[str, Any] = {
        "name": "shop",
        "list_id": "search",
        "item": "id",
        "time": {"column": "shown", "unit": "s"},
        "tasks": [{"name": "click", "grade": 1}, {"name": "buy", "grade": 2}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "age", "scope": "history", "kind": "numeric"},
        ],
    }
    return Dataset.model_validate(definition | {"history": {**history, "item": "seen_id"}})


def _lists(dataset: Dataset, rows: list[dict[str, Any]], rows_per_part: int) -> Lists:
    parts = []
    for start in range(0, len(rows), rows_per_part):
        table = pa.Table.from_pylist([ROW | row for row in rows[start : start + rows_per_part]])
        canonical = canonical_rows(dataset, RowBatch(f"part {start}", 1, table))
        assert canonical.set_aside.num_rows == 0
        parts.append(group_rows(dataset, canonical.rows))
    return join_parts(parts)


@pytest.mark.parametrize("rows_per_part", [1, 2, 5])
@pytest.mark.parametrize(
    ("history", "past", "own"),
    [
        ({"age": "age"}, {"seen_id": "x|z", "age": "0|1"}, True),
        ({"age": "age"}, {"seen_id": "z|x", "age": "0|0"}, True),
        ({"age": "age"}, {"seen_id": "x|z", "age": "0.5|1"}, False),
        ({"age": "age"}, {"seen_id": "y|z", "age": "0|1"}, False),
        ({"age": "age", "at": "seen_at"}, {"seen_id": "x", "seen_at": [7_200]}, True),
        ({"age": "age", "at": "seen_at"}, {"seen_id": "x", "seen_at": [7_199]}, False),
        ({}, {"seen_id": "x|z", "age": "5|5"}, True),
        ({}, {"seen_id": "z|x", "age": "5|5"}, False),
        ({"order": "oldest_first"}, {"seen_id": "z|x", "age": "5|5"}, True),
    ],
)
def test_the_lists_own_action_is_found_wherever_its_rows_lie(
    history: dict[str, Any], past: dict[str, Any], own: bool, rows_per_part: int
) -> None:
    dataset = _dataset(**history)
    # In the first list x was bought; in the second nothing was done with it.
    rows: list[dict[str, Any]] = [
        {"search": "a", "id": "w"},
        {"search": "a", "id": "y"},
        {"search": "a", "id": "x", "buy": 1},
        {"search": "b", "id": "x"},
        {"search": "b", "id": "v", "click": 1},
    ]
    lists = _lists(dataset, [row | past for row in rows], rows_per_part)
    assert lists.context["list_id"].to_pylist() == [b"a", b"b"]
    assert own_actions(dataset, lists).tolist() == [own, False]
    assert lists_in_conflict(dataset, lists) == {}
    assert b"late_items" not in b"".join(encode(lists))


@pytest.mark.parametrize("rows_per_part", [1, 3])
def test_the_history_of_the_first_row_counts(rows_per_part: int) -> None:
    dataset = _dataset(age="age")
    before, after = {"seen_id": "z", "age": "1"}, {"seen_id": "x|z", "age": "0|1"}
    rows: list[dict[str, Any]] = [
        {"search": "a", "id": "w", **before},
        {"search": "a", "id": "x", "click": 1, **after},
        {"search": "b", "id": "w", **after},
        {"search": "b", "id": "x", "click": 1, **before},
    ]
    assert own_actions(dataset, _lists(dataset, rows, rows_per_part)).tolist() == [False, True]


def test_without_items_of_past_actions_nothing_is_found() -> None:
    dataset = _dataset(age="age")
    without = dataset.model_copy(update={"history": History(age="age")})
    row = {"search": "a", "id": "x", "click": 1, "age": "0"}
    lists = _lists(without, [row, row], 1)
    assert own_actions(without, lists).tolist() == [False]
    none = lists.take(np.zeros(0, np.int64))
    assert own_actions(dataset, none).tolist() == own_actions(without, none).tolist() == []


@pytest.mark.parametrize(
    ("history", "advice"),
    [
        ({"age": "age"}, "name `history.at` then, or leave out `history.item`"),
        ({"age": "age", "at": "seen_at"}, "leave out `history.item` then"),
        ({}, "name `history.age` or `at`"),
    ],
)
def test_the_reason_says_what_to_do(history: dict[str, Any], advice: str) -> None:
    reason = reason_of_own_action(History(**history, item="seen_id"))
    assert reason.startswith("seen_id: expected actions from before the list, found an action of")
    assert advice in reason
