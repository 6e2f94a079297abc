import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from pipeline.log_rows import free_names, read_rows, rows_for_csv, write_rows


def test_files_with_other_fields_in_their_records_are_read_together(tmp_path: Path) -> None:
    definition = {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "paid", "column": "past.paid", "scope": "history", "like": "price"},
            {"name": "rated", "column": "past.rated", "scope": "history", "kind": "numeric"}
            | {"optional": True},
        ],
    }
    histories = [[{"paid": 2}], [{"paid": 2.5, "rated": 4.0}]]
    for number, history in enumerate(histories):
        table = pa.table({"search": [number], "price": [1.0], "past": [history]})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    found = read_rows(Dataset.model_validate(definition), [str(tmp_path)])
    assert found.rows["past"].to_pylist() == [[{"paid": 2.0, "rated": None}], histories[1]]
    assert found.canonical["paid"].to_pylist() == [[2.0], [2.5]]
    assert found.reasons.tolist() == [None, None]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_rows_are_written_whole(tmp_path: Path, name: str) -> None:
    write_rows(pa.table({"rank": [1, 2]}), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="parquet"):
        write_rows(pa.table({"vector": [[1.0, 2.0]]}), tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []

    def interrupted(rows: pa.Table, path: str) -> None:
        Path(path).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.log_rows.pq.write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_rows(pa.table({"rank": [1]}), tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([decimal.Decimal("1.50"), None], pa.decimal128(38, 9)), ["1.500000000", None]),
        (pa.array([decimal.Decimal(3), None], pa.decimal256(50, 0)), ["3", None]),
        (
            pa.array([0, None], pa.timestamp("s", "+02:00")),
            ["1970-01-01 00:00:00Z", None],
        ),
    ],
)
def test_values_without_a_csv_form_are_texts(
    tmp_path: Path, values: pa.Array, texts: list[str | None]
) -> None:
    rows = rows_for_csv(pa.table({"cost": values, "price": [1.5, 2.5]}))
    assert rows["cost"].to_pylist() == texts
    assert rows["price"].type == pa.float64()
    write_rows(rows, tmp_path / "out.csv")
    assert arrow_csv.read_csv(tmp_path / "out.csv").num_rows == 2


def test_every_column_that_csv_cannot_hold_is_named() -> None:
    took = pa.array([5], pa.duration("ms"))
    rows = pa.table({"took": took, "price": [1.0], "style": [[1.0]], "bytes": [b"\xff"]})
    with pytest.raises(InputError) as error:
        rows_for_csv(rows)
    assert "'took' of the type duration[ms]" in str(error.value)
    assert "'style' of the type list" in str(error.value)
    assert "'bytes' of the type binary" in str(error.value)
    assert "price" not in str(error.value)


def test_added_columns_give_way_to_those_of_the_logs() -> None:
    names = free_names(["score", "rank"], ["Rank", "model_rank", "price"])
    assert names == {"score": "score", "rank": "model_2_rank"}
