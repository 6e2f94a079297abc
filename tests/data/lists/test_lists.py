import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tensorflow as tf

from data.definition.dataset import Dataset
from data.lists.encoding import encode
from data.lists.lists import MOST_SECONDS_APART, Lists, group_rows, join_parts, lists_in_conflict
from data.rows import FILE, ROW


def _dataset(**fields: object) -> Dataset:
    definition: dict = {
        "name": "lists",
        "list_id": "search",
        "time": {"column": "time"},
        "tasks": [{"name": "click", "grade": 1}, {"name": "purchase", "grade": 2}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "brand", "scope": "item", "kind": "categorical"},
            {"name": "image", "scope": "item", "kind": "vector", "length": 2},
            {"name": "adults", "scope": "context", "kind": "numeric"},
            {"name": "country", "scope": "context", "kind": "categorical"},
            {"name": "words", "scope": "context", "kind": "vector", "length": 3},
        ],
    }
    return Dataset.model_validate(definition | fields)


def _rows(list_ids: list[str], files: list[str], numbers: list[int]) -> pa.Table:
    """Canonical rows whose values say which list and which row they are from."""
    count = len(list_ids)
    row = np.array(numbers, np.float32)
    images = np.stack([row, -row], axis=1).ravel()
    number_of_list = np.array([sum(map(ord, name)) for name in list_ids], np.float32)
    words = np.repeat(number_of_list, 3)
    return pa.table(
        {
            "list_id": pa.array(list_ids),
            "list_region": pa.array(["all"] * count, pa.string()),
            "list_platform": pa.array(["all"] * count, pa.string()),
            "list_user": pa.array(list_ids),
            "list_time": pa.array(np.array(numbers, np.int64) + 1000),
            "list_weight": pa.array(np.ones(count, np.float32)),
            "price": pa.array(row / 2),
            "brand": pa.array([f"brand {number}" for number in numbers]),
            "image": pa.FixedSizeListArray.from_arrays(pa.array(images), 2),
            "adults": pa.array(number_of_list),
            "country": pa.array([f"of {name}" for name in list_ids]),
            "words": pa.FixedSizeListArray.from_arrays(pa.array(words), 3),
            "label_click": pa.array((row % 3 == 0).astype(np.float32)),
            "label_purchase": pa.array(np.full(count, np.nan, np.float32)),
            FILE: pa.array(files),
            ROW: pa.array(np.array(numbers, np.int64)),
        }
    )


def _values(example: bytes) -> dict[str, list]:
    features = tf.train.Example.FromString(example).features.feature
    return {
        name: list(getattr(feature, feature.WhichOneof("kind")).value)
        for name, feature in features.items()
    }


def _by_id(lists: Lists) -> dict[bytes, dict[str, list]]:
    return {values["list_id"][0]: values for values in map(_values, encode(lists))}


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_interleaved_lists_over_three_files_become_three_examples(order: tuple[int, ...]) -> None:
    # Known fault 6: 3 lists of 4 items; file f has rows 1 to 4, row r is of list (f + r) % 3.
    tables = [
        _rows([f"list {(f + r) % 3}" for r in range(1, 5)], [f"{f}.csv"] * 4, [1, 2, 3, 4])
        for f in range(3)
    ]
    lists = group_rows(_dataset(), pa.concat_tables([tables[f] for f in order]))
    assert lists.row_lengths.tolist() == [4, 4, 4]
    # (0 + 1) % 3 = 1: list 1 is the first of file 0, rows 1 and 4 of it are of this list.
    brands = [values["brand"] for values in map(_values, encode(lists))]
    assert brands[0] == [b"brand 1", b"brand 4", b"brand 3", b"brand 2"]
    assert lists.context["list_id"].to_pylist() == [b"list 1", b"list 2", b"list 0"]


def test_an_example_holds_context_once_and_items_side_by_side() -> None:
    rows = _rows(["a", "b", "a"], ["f"] * 3, [1, 2, 3])
    values = _by_id(group_rows(_dataset(), rows))[b"a"]
    assert values["adults"] == [97.0]  # ord("a")
    assert values["words"] == [97.0, 97.0, 97.0]
    assert values["country"] == [b"of a"]
    assert values["price"] == [1 / 2, 3 / 2]
    assert values["image"] == [1.0, -1.0, 3.0, -3.0]
    assert values["list_time"] == [1000 + 1]
    assert values["label_click"] == [0.0, 1.0]
    assert np.isnan(values["label_purchase"]).tolist() == [True, True]
    assert not {FILE, ROW} & set(values)


def test_the_time_of_a_list_is_its_earliest_row() -> None:
    rows = _rows(["a", "a"], ["2.csv", "1.csv"], [1, 5])
    assert group_rows(_dataset(), rows).context["list_time"].to_pylist() == [1000 + 1]


@pytest.mark.parametrize(
    ("apart", "wrong"), [(MOST_SECONDS_APART, False), (MOST_SECONDS_APART + 1, True)]
)
def test_rows_of_a_list_are_at_most_a_day_apart(apart: int, wrong: bool) -> None:
    rows = _rows(["a", "a", "b"], ["f"] * 3, [1, 2, 3])
    times = pa.array(np.array([apart, 0, 0], np.int64))
    rows = rows.set_column(rows.schema.get_field_index("list_time"), "list_time", times)
    lists = group_rows(_dataset(), rows)
    assert lists.context["list_time"].to_pylist() == [0, 0]
    expected = {"time": [True, False]} if wrong else {}
    found = lists_in_conflict(_dataset(), lists)
    assert {name: lists.tolist() for name, lists in found.items()} == expected


def test_rows_that_disagree_on_a_context_feature_are_told_and_the_first_counts() -> None:
    rows = _rows(["a", "a", "b", "b"], ["f"] * 4, [2, 1, 3, 4])
    adults = pa.array(np.array([7, 8, np.nan, np.nan], np.float32))
    rows = rows.set_column(rows.schema.get_field_index("adults"), "adults", adults)
    lists = group_rows(_dataset(), rows)
    assert list(lists.conflicts) == ["adults"]
    assert lists.conflicts["adults"].tolist() == [True, False]  # NaN agrees with NaN
    assert lists.context["adults"].to_pylist()[0] == 8.0  # row 1 is the first


@pytest.mark.parametrize("key", ["country", "words"])
def test_texts_and_vectors_may_disagree_too(key: str) -> None:
    rows = _rows(["a", "b"], ["f", "f"], [1, 2])
    rows = rows.set_column(0, "list_id", pa.array(["a", "a"]))
    for other in {"country", "words", "adults", "list_user"} - {key}:
        place = rows.schema.get_field_index(other)
        first = rows[other].combine_chunks().take(pa.array([0, 0]))
        rows = rows.set_column(place, other, first)
    conflicts = group_rows(_dataset(), rows).conflicts
    assert {name: lists.tolist() for name, lists in conflicts.items()} == {key: [True]}


def _random_rows(seed: int, count: int = 300) -> pa.Table:
    random = np.random.default_rng(seed)
    list_ids = [f"list {number}" for number in random.integers(0, 40, count)]
    files = [f"{number}.csv" for number in random.integers(0, 5, count)]
    return _rows(list_ids, files, random.permutation(count).tolist())


@pytest.mark.parametrize("seed", range(3))
def test_grouping_equals_pandas_groupby(seed: int) -> None:
    rows = _random_rows(seed)
    frame = rows.select(["list_id", "price", "brand", "list_time", FILE, ROW]).to_pandas()
    frame = frame.sort_values([FILE, ROW])
    lists = group_rows(_dataset(), rows)
    found = list(map(_values, encode(lists)))
    expected = list(frame.groupby("list_id", sort=False))
    assert len(found) == len(expected)
    for values, (list_id, group) in zip(found, expected, strict=True):
        assert values["list_id"] == [list_id.encode()]
        assert values["price"] == group["price"].tolist()
        assert values["brand"] == [brand.encode() for brand in group["brand"]]
        assert values["list_time"] == [group["list_time"].min()]


@pytest.mark.parametrize("seed", range(3))
def test_joining_parts_equals_grouping_at_once(seed: int) -> None:
    rows = _random_rows(seed)
    # Some lists disagree on their country, and some last for days.
    country = pa.array([f"country {number % 7 == 0}" for number in range(rows.num_rows)])
    rows = rows.set_column(rows.schema.get_field_index("country"), "country", country)
    times = pa.array(np.where(np.arange(rows.num_rows) % 9 == 0, 100_000, 0).astype(np.int64))
    rows = rows.set_column(rows.schema.get_field_index("list_time"), "list_time", times)
    frame = pd.DataFrame({"file": rows[FILE].to_pylist(), "row": rows[ROW].to_pylist()})
    # Two parts a file: its rows up to a number, and the others.
    parts = []
    for file, late in itertools.product([f"{number}.csv" for number in range(5)], [True, False]):
        chosen = (frame["file"] == file) & ((frame["row"] > 150) == late)
        parts.append(group_rows(_dataset(), rows.filter(pa.array(chosen))))
    joined, at_once = join_parts(parts), group_rows(_dataset(), rows)
    assert list(map(_values_text, encode(joined))) == list(map(_values_text, encode(at_once)))
    found = [
        {name: values.tolist() for name, values in lists_in_conflict(_dataset(), lists).items()}
        for lists in (joined, at_once)
    ]
    assert found[0] == found[1]
    assert any(found[0]["country"])


def _values_text(example: bytes) -> str:
    return str(sorted(_values(example).items()))  # as text, NaN equals NaN


def test_lists_are_taken_and_sliced_with_their_items() -> None:
    lists = group_rows(_dataset(), _rows(["a", "b", "b", "c"], ["f"] * 4, [1, 2, 3, 4]))
    taken = lists.take(np.array([2, 1]))
    assert taken.row_lengths.tolist() == [1, 2]
    assert taken.items["price"].to_pylist() == [4 / 2, 2 / 2, 3 / 2]
    part = taken.slice(1, 2)
    assert part.context["list_id"].to_pylist() == [b"b"]
    assert part.items["price"].to_pylist() == [2 / 2, 3 / 2]
    assert _by_id(part)[b"b"]["image"] == [2.0, -2.0, 3.0, -3.0]


def test_no_rows_are_no_lists() -> None:
    rows = _rows(["a"], ["f"], [1])
    assert encode(group_rows(_dataset(), rows.slice(0, 0))) == []
