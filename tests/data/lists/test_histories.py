"""Histories from raw files to parsed tensors: text with a separator, and nested records."""

import csv
import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf

from data.definition.dataset import Dataset
from data.lists.encoding import encode
from data.lists.lists import Lists, group_rows, join_parts, lists_in_conflict
from data.lists.parsing import RawLists, parse_lists, parse_plain, parse_served, plain_spec
from data.rows import canonical_rows
from data.sources import source_for

NAN = float("nan")
LISTS = {
    "a": [("shoes", 10.0, 1.0), ("bags", NAN, 2.5), ("shoes", 30.0, 40.0)],
    "b": [],
    "c": [("", 5.0, 0.0)],
}
HISTORY = {"newest": 2, "age": "hours_ago"}


def _dataset(columns: dict[str, str], **history: Any) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "tasks": [{"name": "click", "grade": 1}],
            "history": HISTORY | history,
            "features": [
                {"name": "country", "scope": "context", "kind": "categorical"},
                {"name": "price", "scope": "item", "kind": "numeric"},
                {"name": "category", "scope": "item", "kind": "categorical"},
                *(
                    {"name": name, "scope": "history", "column": columns[name], **fields}
                    for name, fields in {
                        "seen_category": {"like": "category"},
                        "seen_price": {"like": "price"},
                        "hours_ago": {"kind": "numeric"},
                    }.items()
                ),
            ],
        }
    )


def _rows() -> list[dict[str, Any]]:
    """Two rows a list, the history on both."""
    shown = {"country": "NL", "click": 0, "price": 3.0, "category": "bags"}
    return [shown | {"search": name} for name in LISTS for _ in range(2)]


def _csv(folder: Path) -> tuple[str, Dataset]:
    path = folder / "logs.csv"
    columns = ("seen_category", "seen_price", "hours_ago")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*_rows()[0], *columns])
        writer.writeheader()
        for row in _rows():
            parts = list(zip(*LISTS[row["search"]], strict=True)) or [(), (), ()]
            texts = ["|".join("" if v != v else str(v) for v in part) for part in parts]
            writer.writerow(row | dict(zip(columns, texts, strict=True)))
    return str(path), _dataset({name: name for name in columns})


def _nested(folder: Path) -> tuple[str, Dataset]:
    path = folder / "logs.parquet"
    record = pa.struct([("category", pa.string()), ("price", pa.float64()), ("ago", pa.float32())])
    lists = [
        [
            dict(zip(("category", "price", "ago"), entry, strict=True))
            for entry in LISTS[r["search"]]
        ]
        for r in _rows()
    ]
    table = pa.Table.from_pylist(_rows()).append_column(
        "history", pa.array(lists, pa.list_(record))
    )
    pq.write_table(table, path)
    columns = {"seen_category": "category", "seen_price": "price", "hours_ago": "ago"}
    return str(path), _dataset({name: f"history.{field}" for name, field in columns.items()})


def _grouped(path: str, dataset: Dataset) -> Lists:
    rows = [canonical_rows(dataset, batch) for batch in source_for(dataset).read(path)]
    assert [found.set_aside.num_rows for found in rows] == [0]
    return group_rows(dataset, rows[0].rows)


def _check(parsed: RawLists) -> None:
    """The two newest entries of each list."""
    assert parsed.row_lengths.numpy().tolist() == [2, 2, 2]
    assert parsed.history_lengths is not None
    assert parsed.history_lengths.numpy().tolist() == [2, 0, 1]
    values = {name: one.numpy() for name, one in parsed.history.items()}
    assert values["seen_category"].tolist() == [b"shoes", b"bags", b""]
    np.testing.assert_array_equal(values["seen_price"], np.float32([10, NAN, 5]))
    assert values["hours_ago"].tolist() == [1, 2.5, 0]
    assert set(parsed.context) == {"country"}
    assert set(parsed.item) == {"price", "category"}


@pytest.mark.parametrize("write", [_csv, _nested])
def test_from_a_file_to_tensors(write: Any, tmp_path: Path) -> None:
    path, dataset = write(tmp_path)
    lists = _grouped(path, dataset)
    assert lists_in_conflict(dataset, lists) == {}
    serialized = tf.constant(encode(lists))
    _check(parse_lists(serialized, dataset, labels=False))
    _check(parse_served(serialized, dataset))
    graph = tf.function(lambda batch: parse_served(batch, dataset), autograph=False)
    _check(graph(serialized))


def test_lists_that_lie_in_parts_are_the_same(tmp_path: Path) -> None:
    path, dataset = _csv(tmp_path)
    (batch,) = source_for(dataset).read(path)
    rows = canonical_rows(dataset, batch).rows
    parts = [group_rows(dataset, rows.slice(start, 3)) for start in (0, 3)]
    assert encode(join_parts(parts)) == encode(group_rows(dataset, rows))


def test_served_histories_are_cut_as_those_of_training(tmp_path: Path) -> None:
    path, dataset = _csv(tmp_path)
    whole = dataset.model_copy(update={"history": dataset.history.model_copy(update={"newest": 9})})
    serialized = tf.constant(encode(_grouped(path, whole)))
    assert parse_lists(serialized, whole, labels=False).history_lengths.numpy().tolist() == [
        3,
        0,
        1,
    ]
    _check(parse_served(serialized, dataset))


def test_plain_values_of_one_list(tmp_path: Path) -> None:
    _, dataset = _csv(tmp_path)
    given = {
        "country": ["NL"],
        "price": [1.0],
        "category": ["x"],
        "seen_category": ["a", "b", "c"],
        "seen_price": [1.0, 2.0, 3.0],
        "hours_ago": [0.0, 1.0, 2.0],
    }
    specs = {feature.name: plain_spec(feature) for feature in dataset.features}
    tensors = {name: tf.constant(values) for name, values in given.items()}
    assert all(specs[name].is_compatible_with(one) for name, one in tensors.items())
    parsed = parse_plain(tensors, dataset)
    assert parsed.history_lengths is not None
    assert parsed.history_lengths.numpy().tolist() == [2]
    assert parsed.history["seen_category"].numpy().tolist() == [b"a", b"b"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="as many of each history feature"):
        parse_plain({**tensors, "hours_ago": tf.constant([0.0])}, dataset)


def test_a_malformed_history_costs_its_own_list_alone(tmp_path: Path) -> None:
    path, dataset = _csv(tmp_path)
    examples = encode(_grouped(path, dataset))
    broken = tf.train.Example.FromString(examples[0])
    broken.features.feature["hours_ago"].float_list.value.append(3.0)
    serialized = tf.constant([broken.SerializeToString(), *examples[1:]])
    parsed = parse_served(serialized, dataset)
    assert parsed.row_lengths.numpy().tolist() == [0, 2, 2]
    assert parsed.history_lengths is not None
    assert parsed.history_lengths.numpy().tolist() == [0, 0, 1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="past actions, or for none"):
        parse_lists(serialized, dataset, labels=False)


def test_vectors_lie_behind_one_another(tmp_path: Path) -> None:
    definition = _csv(tmp_path)[1].model_dump(mode="json")
    vector = {"name": "looks", "scope": "history", "kind": "vector", "length": 2}
    dataset = Dataset.model_validate(
        {**definition, "features": [*definition["features"][:3], vector], "history": {"newest": 2}}
    )
    looks = [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]] * 2 + [[]] * 2 + [[None]] * 2
    table = pa.Table.from_pylist(_rows()).append_column("looks", pa.array(looks))
    pq.write_table(table, tmp_path / "logs.parquet")
    lists = _grouped(str(tmp_path / "logs.parquet"), dataset)
    parsed = parse_lists(tf.constant(encode(lists)), dataset, labels=False)
    assert parsed.history_lengths is not None
    assert parsed.history_lengths.numpy().tolist() == [2, 0, 1]
    np.testing.assert_array_equal(parsed.history["looks"].numpy(), [1, 2, 3, 4, NAN, NAN])
    served = parse_served(tf.constant(encode(lists)), dataset)
    np.testing.assert_array_equal(served.history["looks"].numpy(), [1, 2, 3, 4, NAN, NAN])


def test_ages_are_counted_from_times(tmp_path: Path) -> None:
    definition = _csv(tmp_path)[1].model_dump(mode="json")
    dataset = Dataset.model_validate(
        {
            **definition,
            "time": {"column": "shown"},
            "history": {"age": "hours_ago", "at": "history.at"},
            "features": [
                one | ({"column": "hours_ago"} if one["name"] == "hours_ago" else {})
                for one in definition["features"]
                if one["scope"] != "history" or one["name"] == "hours_ago"
            ],
        }
    )
    shown = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
    at = [{"at": shown - datetime.timedelta(hours=hours)} for hours in (30, 0.5, 2)]
    rows = [row | {"shown": shown, "history": at} for row in _rows()]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "logs.parquet")
    lists = _grouped(str(tmp_path / "logs.parquet"), dataset)
    # The newest first, however they lie in the file.
    assert lists.context["hours_ago"].to_pylist() == [[0.5, 2.0, 30.0]] * 3
