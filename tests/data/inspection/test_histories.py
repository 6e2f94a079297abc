"""Guesses about past actions: which columns hold them, and what their entries are."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.definition.dataset import Dataset
from data.inspection import Guess, guess_definition, read_first_rows
from data.rows import canonical_rows
from data.sources import source_for

LISTS, ITEMS = 60, 4
SHOWN = pd.Timestamp("2026-03-01 12:00")


def _logs() -> pd.DataFrame:
    random = np.random.default_rng(1)
    rows = LISTS * ITEMS
    search = np.repeat(np.arange(LISTS), ITEMS)
    return pd.DataFrame(
        {
            "search_id": search,
            "shown_at": SHOWN,
            "product_id": [f"p{one}" for one in np.tile(np.arange(rows // 4), 4)],
            "price": random.normal(50, 5, rows),
            "category": random.choice(["shoes", "bags", "hats"], rows),
            "clicked": (np.arange(rows) % 3 == 0).astype(int),
        }
    )


def _entries() -> list[list[dict[str, Any]]]:
    """The past actions of each list: none, or up to four."""
    random = np.random.default_rng(2)
    return [
        [
            {
                "product_id": f"p{random.integers(60)}",
                "category": str(random.choice(["shoes", "bags"])),
                "price": float(random.normal(50, 5)),
                "time": SHOWN - pd.Timedelta(hours=int(hours)),
                "done": str(random.choice(["view", "cart"])),
            }
            for hours in range(1, 1 + random.integers(5))
        ]
        for _ in range(LISTS)
    ]


def _nested(folder: Path, **fields: pa.Array) -> str:
    """Logs with a history of records; `fields` are values to draw entries' further fields from."""
    path = str(folder / "logs.parquet")
    lists = [one for one in _entries() for _ in range(ITEMS)]
    for name, values in fields.items():
        choices = values.to_pylist()
        lists = [
            [one | {name: choices[place % len(choices)]} for place, one in enumerate(entries)]
            for entries in lists
        ]
    kind = pa.array(_entries()).type.value_type
    kinds = [*kind, *(pa.field(name, values.type) for name, values in fields.items())]
    history = pa.array(lists, pa.list_(pa.struct(kinds)))
    table = pa.Table.from_pandas(_logs(), preserve_index=False)
    pq.write_table(table.append_column("history", history), path)
    return path


def _text(folder: Path, **columns: str) -> str:
    path = str(folder / "logs.csv")
    frame = _logs()
    for column, name in columns.items():
        texts = ["|".join(str(entry[name]) for entry in one) for one in _entries()]
        frame[column] = np.repeat(texts, ITEMS)
    frame.to_csv(path, index=False)
    return path


def _read_whole(path: str, guess: Guess) -> Dataset:
    dataset = Dataset.model_validate(guess.definition)
    for batch in source_for(dataset).read(path):
        assert canonical_rows(dataset, batch).set_aside.num_rows == 0
    return dataset


def test_nested_records_are_a_history(tmp_path: Path) -> None:
    path = _nested(tmp_path)
    guess = guess_definition(read_first_rows(path), "shop")
    assert guess.definition["history"] == {
        "item": "history.product_id",
        "at": "history.time",
        "age": "hours_ago",
    }
    dataset = _read_whole(path, guess)
    assert dataset.item == "product_id"
    found = {one.name: (one.column, one.like, one.kind) for one in dataset.history_features}
    assert found == {
        "history_product_id": ("history.product_id", "product_id", "categorical"),
        "history_category": ("history.category", "category", "categorical"),
        "history_price": ("history.price", "price", "numeric"),
        "history_done": ("history.done", None, "categorical"),
        "hours_ago": ("hours_ago", None, "numeric"),
    }
    assert "history.time" in guess.reasons["feature hours_ago"]


def test_vectors_in_records_are_features_and_other_nested_fields_are_left_out(
    tmp_path: Path,
) -> None:
    tags = pa.array([["a", "b"], ["a"]])
    params = pa.array([[{"key": "a", "value": 1.0}]])
    pairs = pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))
    vectors = {"style": pa.array([[0.5, 1.5], None]), "photo": pa.array([[1.0, 2.0, 3.0]])}
    path = _nested(tmp_path, tags=tags, params=params, pairs=pairs, **vectors)
    frame = read_first_rows(path)
    # An item's vector is another one where it has another length.
    frame["style"] = frame["photo"] = [[0.5, float(row)] for row in range(len(frame))]
    guess = guess_definition(frame, "shop")
    past = {one["name"]: one for one in guess.definition["features"] if one["scope"] == "history"}
    assert past["history_style"] == {
        "name": "history_style", "column": "history.style", "scope": "history", "like": "style"
    }  # fmt: skip
    assert past["history_photo"] == {
        "name": "history_photo", "column": "history.photo", "scope": "history",
        "kind": "vector", "length": 3,
    }  # fmt: skip
    left_out = guess.definition["left_out"]
    assert left_out["history.tags"] == "lists of 1 to 2 values; a vector has one length"
    assert left_out["history.params"] == "lists of something else than numbers"
    assert left_out["history.pairs"] == left_out["history.params"]
    dataset = _read_whole(
        _nested(tmp_path, **vectors), guess_definition(read_first_rows(path), "s")
    )
    assert {"history_style", "history_photo"} <= {one.name for one in dataset.history_features}


def test_decimals_in_records_are_numbers(tmp_path: Path) -> None:
    paid = pa.array([Decimal("9.99"), Decimal("5"), None], pa.decimal128(38, 9))
    guess = guess_definition(read_first_rows(_nested(tmp_path, paid=paid)), "shop")
    past = {one["name"]: one for one in guess.definition["features"] if one["scope"] == "history"}
    assert past["history_paid"]["kind"] == "numeric"
    frame = read_first_rows(_nested(tmp_path, paid=paid)).rename(columns={"price": "paid"})
    assert guess_definition(frame, "shop").definition["features"][-2] == {
        "name": "history_paid", "column": "history.paid", "scope": "history", "like": "paid"
    }  # fmt: skip


def test_texts_of_times_in_records_are_when_the_entries_were(tmp_path: Path) -> None:
    texts = pa.array(["2026-02-01 00:00:00 UTC", "2026-01-01 00:00:00.25 UTC"])
    path = _nested(tmp_path, done_at=texts)
    frame = read_first_rows(path).drop(columns="history.time")
    guess = guess_definition(frame, "shop")
    assert guess.definition["history"]["at"] == "history.done_at"
    _read_whole(path, guess)


def _lengths(texts: pd.Series) -> pd.Series:
    return texts.fillna("").map(lambda one: len(one.split("|")) if one else 0)


def test_texts_with_a_separator_are_a_history(tmp_path: Path) -> None:
    path = _text(tmp_path, viewed_category="category", viewed_price="price")
    guess = guess_definition(read_first_rows(path), "shop")
    assert guess.definition["history"] == {"separator": "|"}
    assert "newest_first" in guess.reasons["history"]
    dataset = _read_whole(path, guess)
    assert [one.like for one in dataset.history_features] == ["category", "price"]


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S UTC"]
)
def test_texts_of_times_are_when_the_entries_were(tmp_path: Path, form: str) -> None:
    frame = read_first_rows(_text(tmp_path, viewed_category="category"))
    lengths = _lengths(frame["viewed_category"])
    days = pd.date_range("2026-01-01", periods=28)
    frame["looked_at"] = ["|".join(f"{day:{form}}" for day in days[:length]) for length in lengths]
    guess = guess_definition(frame, "shop")
    assert guess.definition["history"] == {
        "separator": "|",
        "at": "looked_at",
        "age": "hours_ago",
    }
    # Some that are no times, and all are categories.
    frame["looked_at"] = frame["looked_at"].str.replace("2026-01-01", "soon")
    assert "at" not in guess_definition(frame, "shop").definition["history"]


def test_ages_are_found_by_their_names(tmp_path: Path) -> None:
    frame = pd.read_csv(_text(tmp_path, viewed_category="category"))
    lengths = _lengths(frame["viewed_category"])
    frame["hours_ago"] = ["|".join(map(str, range(length))) for length in lengths]
    guess = guess_definition(frame, "shop")
    assert guess.definition["history"] == {"separator": "|", "age": "hours_ago"}
    # Ages below 0 would be in the future.
    frame["hours_ago"] = ["|".join(str(-one) for one in range(length)) for length in lengths]
    assert "age" not in guess_definition(frame, "shop").definition["history"]


@pytest.mark.parametrize("column", ["tags", "title"])
def test_lists_and_texts_of_items_are_no_history(column: str) -> None:
    frame = _logs()
    lengths = np.arange(len(frame)) % 3
    values = {"tags": [["a"] * one for one in lengths], "title": ["a|" * one for one in lengths]}
    frame[column] = values[column]
    definition = guess_definition(frame, "shop").definition
    assert "history" not in definition
    assert all(feature["scope"] != "history" for feature in definition["features"])


def test_the_example_of_the_docs_is_a_history(tmp_path: Path) -> None:
    text = Path("docs/history.md").read_text()
    rows = text[text.index("search_id,product_id") :].partition("```")[0]
    path = tmp_path / "logs.csv"
    path.write_text(rows)
    guess = guess_definition(read_first_rows(str(path)), "shop")
    assert guess.definition["history"] == {"separator": "|", "age": "hours_ago"}
    dataset = _read_whole(str(path), guess)
    likes = {feature.name: feature.like for feature in dataset.history_features}
    assert likes == {
        "viewed_category": "category",
        "viewed_price": "price",
        "hours_ago": None,
    }


def test_histories_that_are_equally_long_or_empty_are_told_from_vectors_by_their_texts() -> None:
    frame = _logs()
    empty = np.arange(len(frame)) // ITEMS % 3 == 0
    numbers = np.where(empty, None, "1|2|3")
    words = np.where(empty, None, "shoes|bags|hats")
    found = guess_definition(frame.assign(viewed_price=numbers, viewed_category=words), "shop")
    names = {"viewed_price": "price", "viewed_category": "category"}
    past = [one for one in found.definition["features"] if one["scope"] == "history"]
    assert {one["name"]: one["like"] for one in past} == names
    for alone in ({"a": numbers, "b": numbers}, {"path": words}):
        assert "history" not in guess_definition(frame.assign(**alone), "shop").definition


def test_columns_that_are_not_parallel_are_told(tmp_path: Path) -> None:
    frame = pd.read_csv(_text(tmp_path, viewed_category="category", viewed_price="price"))
    frame["viewed_brand"] = frame["viewed_category"]
    longest = frame["viewed_category"].str.count(r"\|") == 3
    frame.loc[longest, "viewed_brand"] = "x|y"
    long = frame["viewed_category"].str.count(r"\|") > 0
    share = longest.sum() / long.sum()
    guess = guess_definition(frame, "shop")
    why = guess.definition["left_out"]["viewed_brand"]
    assert (
        why == f"another number of entries than the history's other columns in {share:.0%} of them"
    )
    assert "without viewed_brand" in guess.reasons["history"]
    named = {feature["name"] for feature in guess.definition["features"]}
    assert {"viewed_category", "viewed_price"} <= named
    assert "viewed_brand" not in named


@pytest.mark.parametrize("numbers", [False, True])
def test_ids_of_items_are_found_by_their_values(numbers: bool) -> None:
    frame = _logs()
    lists = [[entry["product_id"] for entry in one] for one in _entries()]
    if numbers:
        frame["product_id"] = 70_000 + frame["product_id"].str[1:].astype(int)
        lists = [[70_000 + int(entry[1:]) for entry in one] for one in lists]
    frame["seen"] = [one for one in lists for _ in range(ITEMS)]
    guess = guess_definition(frame, "shop")
    assert guess.definition["history"] == {"item": "seen"}
    # As a feature they are like the ids of items.
    past = [one for one in guess.definition["features"] if one["scope"] == "history"]
    assert past == [{"name": "seen", "scope": "history", "like": "product_id"}]
    if numbers:
        # Small numbers may be of anything.
        small = frame.assign(
            product_id=frame["product_id"] - 70_000,
            seen=frame["seen"].map(lambda one: [entry - 70_000 for entry in one]),
        )
        assert "item" not in guess_definition(small, "shop").definition["history"]
