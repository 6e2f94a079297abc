import numpy as np
import pyarrow as pa

from data.definition.dataset import Dataset
from data.lists.lists import Lists
from data.lists.training_lists import Cut, cut_lists, fill_implied_labels

ALL = np.array([True])
NAN = float("nan")


def _dataset(longest: int | None) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "cut",
            "list_id": "search",
            "tasks": [{"name": "click", "grade": 1}, {"name": "purchase", "grade": 2}],
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
            "longest_training_list": longest,
        }
    )


def _lists(row_lengths: list[int], positions: list[float] | None = None) -> Lists:
    """Lists whose items count on; the last item of all is clicked and bought."""
    count = sum(row_lengths)
    last = (np.arange(count) == count - 1).astype(np.float32)
    items = {
        "price": pa.array(np.arange(count, dtype=np.float32)),
        "label_click": pa.array(last),
        "label_purchase": pa.array(last),
    }
    if positions is not None:
        items["item_position"] = pa.array(np.array(positions, np.float32))
    return Lists(
        context=pa.RecordBatch.from_arrays([pa.array([b"a"] * len(row_lengths))], ["list_id"]),
        items=pa.RecordBatch.from_arrays(list(items.values()), list(items)),
        row_lengths=np.array(row_lengths),
    )


def test_what_is_cut_is_counted_with_the_positives_at_stake() -> None:
    # Known fault 5: a list of 45, limit 40, the only purchase at 45.
    lists, cut = cut_lists(_dataset(40), _lists([45]), ALL)
    assert cut == Cut(lists=1, items=45 - 40, positives={"click": 1, "purchase": 1})
    assert lists.items["price"].to_pylist() == list(range(40))
    assert lists.row_lengths.tolist() == [40]


def test_the_shown_position_decides_where_there_is_one() -> None:
    positions = [3, np.nan, 1, 2, 1]
    lists, cut = cut_lists(_dataset(3), _lists([5], positions), ALL)
    # Positions 1, 1 and 2 stay, in the order of the files; an item without a position goes first.
    assert lists.items["price"].to_pylist() == [2, 3, 4]
    assert cut == Cut(lists=1, items=2, positives={"click": 0, "purchase": 0})


def test_items_without_a_position_stay_while_there_is_room() -> None:
    lists, _ = cut_lists(_dataset(2), _lists([3], [np.nan, 5, np.nan]), ALL)
    assert lists.items["price"].to_pylist() == [0, 1]


def test_only_lists_that_train_are_cut() -> None:
    lists, cut = cut_lists(_dataset(2), _lists([3, 2, 3]), np.array([False, True, True]))
    assert lists.row_lengths.tolist() == [3, 2, 2]
    assert lists.items["price"].to_pylist() == [0, 1, 2, 3, 4, 5, 6]
    assert (cut.lists, cut.items) == (1, 1)


def test_without_a_limit_nothing_is_cut() -> None:
    lists = _lists([45])
    same, cut = cut_lists(_dataset(None), lists, ALL)
    assert same is lists
    assert cut == Cut(lists=0, items=0, positives={"click": 0, "purchase": 0})


def _implying(actions_imply_previous: bool) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "labels",
            "list_id": "search",
            "tasks": [{"name": name, "grade": 1} for name in ("click", "cart", "purchase")],
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
            "actions_imply_previous": actions_imply_previous,
        }
    )


def _rows() -> pa.RecordBatch:
    labels = {
        "label_click": [0, NAN, 0, NAN, 1],
        "label_cart": [0, 1, 0, 0, NAN],
        "label_purchase": [1, 0, 0, NAN, NAN],
    }
    columns = [pa.array(np.array(values, np.float32)) for values in labels.values()]
    return pa.RecordBatch.from_arrays(columns, list(labels))


def test_an_action_sets_the_labels_of_all_before_it() -> None:
    rows, implied = fill_implied_labels(_implying(True), _rows())
    found = {name: rows[name].to_numpy().tolist() for name in rows.schema.names}
    np.testing.assert_array_equal(found["label_click"], [1, 1, 0, NAN, 1])
    np.testing.assert_array_equal(found["label_cart"], [1, 1, 0, 0, NAN])
    np.testing.assert_array_equal(found["label_purchase"], [1, 0, 0, NAN, NAN])
    assert implied == {"click": 2, "cart": 1, "purchase": 0}
    assert rows.schema.field("label_click").type == pa.float32()


def test_actions_that_imply_nothing_stay_as_they_are() -> None:
    rows, implied = fill_implied_labels(_implying(False), _rows())
    np.testing.assert_array_equal(rows["label_click"].to_numpy(), [0, NAN, 0, NAN, 1])
    assert implied == {"click": 0, "cart": 0, "purchase": 0}
