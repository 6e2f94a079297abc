import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.definition.dataset import Dataset
from data.lists.lists import Lists, group_rows, join_parts
from data.lists.repeated_items import Repeats, equal_rows, first_rows, items_once, merge_repeated
from data.rows import canonical_rows
from data.sources import RowBatch

NOTHING = Repeats(lists=0, of=2, merged=0, equal=0)


def _dataset(**fields: object) -> Dataset:
    definition: dict = {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}, {"name": "purchase", "grade": 2}],
        "actions_imply_previous": False,
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "brand", "scope": "item", "kind": "categorical"},
            {"name": "look", "scope": "item", "kind": "vector", "length": 2},
        ],
    }
    return Dataset.model_validate(definition | fields)


BY_SKU = _dataset(item="sku")
LOGS = pd.DataFrame(
    {
        "search": ["a", "a", "b", "b"],
        "sku": [1, 2, 1, 3],
        "price": [1.0, 2.0, np.nan, 4.0],
        "brand": ["x", "x", "y", "y"],
        "look": [[1.0, 2.0], [1.0, 3.0], [1.0, 2.0], None],
        "click": [0, 1, np.nan, 0],
        "purchase": [0, 0, 0, 1],
    }
)


def _lists(dataset: Dataset, *logs: pd.DataFrame, with_labels: bool = True) -> Lists:
    """Each table is a file; its lists are grouped by themselves and then joined."""
    parts = []
    for number, one in enumerate(logs):
        batch = RowBatch(f"{number}.csv", 1, pa.Table.from_pandas(one, preserve_index=False))
        rows = canonical_rows(dataset, batch, with_labels)
        assert rows.set_aside.num_rows == 0
        parts.append(group_rows(dataset, rows.rows))
    return join_parts(parts)


def test_rows_read_twice_are_one_entry_an_item() -> None:
    lists, repeats = merge_repeated(BY_SKU, _lists(BY_SKU, LOGS, LOGS))
    assert repeats == Repeats(lists=2, of=2, merged=4, equal=0)
    once = _lists(BY_SKU, LOGS)
    assert lists.row_lengths.tolist() == [2, 2]
    assert str(lists.items.to_pydict()) == str(once.items.to_pydict())  # As text, NaN is NaN.


def test_the_strongest_action_of_an_items_rows_is_kept() -> None:
    # sku 1 of list b: click unknown, then 1, then 0; purchase 0, then 0, then 1.
    later = LOGS.iloc[[2, 2]].assign(click=[1, 0], purchase=[0, 1], price=9.0)
    lists, repeats = merge_repeated(BY_SKU, _lists(BY_SKU, LOGS, later))
    assert (repeats.lists, repeats.merged) == (1, 2)
    assert lists.items["label_click"].to_pylist() == [0, 1, max(1, 0), 0]
    assert lists.items["label_purchase"].to_pylist() == [0, 0, max(0, 0, 1), 1]
    assert str(lists.items["price"][2].as_py()) == "nan"  # The first row's value stays.


def test_the_same_item_in_two_lists_is_two_entries() -> None:
    lists, repeats = merge_repeated(BY_SKU, _lists(BY_SKU, LOGS))
    assert repeats == NOTHING
    assert lists.row_lengths.tolist() == [2, 2]


def test_ids_are_the_same_from_file_to_file() -> None:
    texts = LOGS.assign(sku=LOGS["sku"].astype(str))
    floats = LOGS.assign(sku=LOGS["sku"].astype(float))
    _, repeats = merge_repeated(BY_SKU, _lists(BY_SKU, LOGS, texts, floats))
    assert repeats.merged == 2 * len(LOGS)


def test_without_an_item_equal_rows_are_counted_and_kept() -> None:
    dataset = _dataset()
    lists, repeats = merge_repeated(dataset, _lists(dataset, LOGS, LOGS[:3]))
    assert repeats == Repeats(lists=2, of=2, merged=0, equal=3)
    assert lists.row_lengths.tolist() == [4, 3]


@pytest.mark.parametrize(
    ("name", "value"), [("price", 8.0), ("brand", "z"), ("look", [1.0, 9.0]), ("purchase", 1)]
)
def test_one_other_value_makes_a_row_another(name: str, value: object) -> None:
    dataset = _dataset()
    other = LOGS[:1].copy()
    other[name] = pd.Series([value])
    assert merge_repeated(dataset, _lists(dataset, LOGS, LOGS[:1]))[1].equal == 1
    assert merge_repeated(dataset, _lists(dataset, LOGS, other))[1].equal == 0


@pytest.mark.parametrize("seed", range(3))
def test_equal_rows_are_those_that_pandas_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = 400
    logs = pd.DataFrame(
        {
            "search": [f"s{number}" for number in np.sort(random.integers(0, 30, count))],
            "price": random.choice([0.0, -0.0, 1.0, np.nan], count),
            "brand": random.choice(["x", "y", None], count),
            "look": [[float(number), 1.0] for number in random.integers(0, 2, count)],
            "click": random.integers(0, 2, count),
            "purchase": 0,
        }
    )
    lists = _lists(_dataset(), logs)
    expected = logs.assign(look=logs["look"].map(str), price=logs["price"] + 0.0).duplicated()
    assert equal_rows(lists).tolist() == expected.tolist()


def test_rows_to_score_may_lack_the_item() -> None:
    logs = pd.concat([LOGS, LOGS], ignore_index=True)
    assert first_rows(_lists(BY_SKU, logs, with_labels=False)).tolist() == [
        *(0, 1, 0, 1),  # list a: skus 1, 2, 1, 2
        *(4, 5, 4, 5),  # list b: skus 1, 3, 1, 3
    ]
    once = items_once(_lists(BY_SKU, logs, with_labels=False))
    assert str(once.items["price"].to_pylist()) == str(LOGS["price"].tolist())
    logs["sku"] = [1, 2, None, None, None, 2, 1, 3]
    assert first_rows(_lists(BY_SKU, logs, with_labels=False)).tolist() == [0, 1, 2, 1, 4, 5, 6, 7]
    without = logs.drop(columns="sku")
    assert first_rows(_lists(BY_SKU, without, with_labels=False)).tolist() == list(range(8))


def test_no_rows_hold_no_repeats() -> None:
    for dataset in (_dataset(), BY_SKU):
        lists, repeats = merge_repeated(dataset, _lists(dataset, LOGS[:0]))
        assert (len(lists), repeats) == (0, Repeats(0, 0, 0, 0))
