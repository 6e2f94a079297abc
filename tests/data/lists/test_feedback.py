"""Labels in three states: yes, no, and too early to say."""

import numpy as np
import pyarrow as pa

from data.definition.dataset import Dataset
from data.lists.feedback import arrivals, as_seen, open_lists, with_open_windows
from data.lists.lists import Lists, group_rows
from data.lists.repeated_items import merge_repeated
from data.rows import canonical_rows
from data.sources import RowBatch

DAY = 86_400
NAN = float("nan")


def _dataset(**fields: object) -> Dataset:
    kept = {"column": "purchase", "at": "bought", "undone_by": "back", "matures_after": "14d"}
    definition = {
        "name": "shop",
        "list_id": "search",
        "time": {"column": "shown", "unit": "s"},
        "tasks": [
            {"name": "click", "grade": 1},
            {"name": "purchase", "grade": 2, "at": "bought", "matures_after": "7d"},
            {"name": "kept", "grade": 3, **kept},
        ],
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
    }
    return Dataset.model_validate(definition | fields)


def _lists(dataset: Dataset, *rows: tuple) -> Lists:
    """Rows of (list, day of the list, item, days to the purchase, days to sending it back)."""
    table = pa.Table.from_pylist(
        [
            {
                "search": search,
                "shown": day * DAY,
                "price": float(item),
                "sku": item,
                "click": 0,
                "purchase": int(bought is not None),
                "bought": None if bought is None else int((day + bought) * DAY),
                "back": None if back is None else int((day + back) * DAY),
            }
            for search, day, item, bought, back in rows
        ],
        schema=pa.schema(
            [(name, pa.string()) for name in ("search", "sku")]
            + [(name, pa.int64()) for name in ("shown", "click", "purchase", "bought", "back")]
            + [("price", pa.float64())]
        )
        if rows
        else None,
    )
    canonical = canonical_rows(dataset, RowBatch("f", 1, table))
    assert canonical.set_aside.num_rows == 0
    return group_rows(dataset, canonical.rows)


def _item(lists: Lists, key: str) -> list[float]:
    return lists.items[key].to_pylist()


ROWS = (
    ("a", 0, "1", None, None),
    ("a", 0, "2", 3, None),
    ("a", 0, "3", 3, 10),
    ("a", 0, "4", 8, None),
    ("a", 0, "5", 3, 15),
)


def test_actions_and_undoings_count_within_their_windows() -> None:
    dataset = _dataset()
    lists, unseen = as_seen(dataset, _lists(dataset, *ROWS))
    assert _item(lists, "label_purchase") == [0, 1, 1, 0, 1]
    assert _item(lists, "label_kept") == [0, 1, 0, 0, 1]
    np.testing.assert_array_equal(
        _item(lists, "delay_purchase"), np.array([NAN, 3, 3, NAN, 3]) * DAY
    )
    np.testing.assert_array_equal(
        _item(lists, "undone_kept"), np.array([NAN, NAN, 10, NAN, NAN]) * DAY
    )
    # The purchase of the eighth day is late for both: what is no purchase cannot be kept.
    assert unseen.late == {"purchase": 1, "kept": 1}
    assert unseen.taken_back == {"kept": 1}
    assert not [name for name in lists.items.schema.names if name.startswith("__at")]


def test_labels_are_unknown_while_their_window_is_open() -> None:
    dataset = _dataset()
    lists, _ = as_seen(
        dataset, _lists(dataset, *ROWS, ("b", 5, "1", 1, None), ("b", 5, "2", None, None))
    )
    lists = with_open_windows(dataset, lists, np.array([14 * DAY, 14 * DAY]))
    assert lists.context["list_age"].to_pylist() == [14 * DAY, 9 * DAY]
    # The list of the fifth day has been seen for nine days: purchases are final, refunds are not.
    np.testing.assert_array_equal(_item(lists, "label_purchase"), [0, 1, 1, 0, 1, 1, 0])
    np.testing.assert_array_equal(_item(lists, "label_kept"), [0, 1, 0, 0, 1, NAN, NAN])
    assert _item(lists, "seen_kept") == [0, 1, 0, 0, 1, 1, 0]
    assert "seen_click" not in lists.items.schema.names
    found = {name: is_open.tolist() for name, is_open in open_lists(dataset, lists).items()}
    assert found == {"purchase": [False, False], "kept": [False, True]}


def test_datasets_without_times_are_left_as_they_are() -> None:
    plain = _dataset(tasks=[{"name": "click", "grade": 1}])
    lists = _lists(plain, *ROWS)
    assert as_seen(plain, lists)[0] is lists
    assert with_open_windows(plain, lists, None) is lists
    assert open_lists(plain, lists) == {}


def test_an_item_logged_twice_was_bought_first_and_sent_back_last() -> None:
    dataset = _dataset(item="sku")
    rows = (("a", 0, "1", 3, None), ("a", 0, "1", 2, None), ("a", 0, "1", 2, 4))
    merged, _ = merge_repeated(dataset, _lists(dataset, *rows))
    lists, _ = as_seen(dataset, merged)
    assert _item(lists, "delay_purchase") == [2 * DAY]
    assert _item(lists, "undone_kept") == [4 * DAY]
    assert _item(lists, "label_kept") == [0]


def test_rows_that_differ_in_a_time_alone_are_not_equal() -> None:
    dataset = _dataset()
    rows = (("a", 0, "1", 3, None), ("a", 0, "1", 3, None), ("a", 0, "1", 2, None))
    assert merge_repeated(dataset, _lists(dataset, *rows))[1].equal == 1


def test_arrivals_are_counted_by_tenths_of_the_window_of_closed_lists() -> None:
    dataset = _dataset()
    rows = (
        *ROWS,
        # Seen for ten days: purchases are final, refunds are not.
        *(("b", 10, "1", 0.1, None), ("b", 10, "2", 7, 8)),
    )
    lists, _ = as_seen(dataset, _lists(dataset, *rows))
    lists = with_open_windows(dataset, lists, np.array([20 * DAY, 20 * DAY]))
    found = {
        task: {region: came.tolist() for region, came in by_region.items()}
        for task, by_region in arrivals(dataset, lists).items()
    }
    # Purchases after three days of seven are in the fifth tenth; refunds after ten of fourteen in
    # the eighth.
    assert found == {
        "purchase": {"all": [1, 0, 0, 0, 3, 0, 0, 0, 0, 1]},
        "kept": {"all": [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]},
    }
    plain = _dataset(tasks=[{"name": "click", "grade": 1}])
    assert arrivals(plain, _lists(plain, *ROWS)) == {}
