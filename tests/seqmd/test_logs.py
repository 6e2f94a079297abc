"""Logs as paths, DataFrames and Arrow tables."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from seqmd.logs import as_table, on_disk

ROWS = pd.DataFrame({"list_id": ["a", "a", "b"], "price": [1.5, 2.0, None]}, index=[7, 8, 9])


def test_paths_stay_as_they_are(tmp_path: Path) -> None:
    assert on_disk("logs/*.csv", tmp_path) == ["logs/*.csv"]
    assert on_disk(Path("a.csv"), tmp_path) == ["a.csv"]
    assert on_disk(["a.csv", Path("b.csv")], tmp_path) == ["a.csv", "b.csv"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rows", [ROWS, pa.Table.from_pandas(ROWS, preserve_index=False)])
def test_equal_rows_are_one_file(rows: pd.DataFrame | pa.Table, tmp_path: Path) -> None:
    (path,) = on_disk(rows, tmp_path / "logs")
    assert on_disk(rows, tmp_path / "logs") == [path]
    assert [one.name for one in (tmp_path / "logs").iterdir()] == [Path(path).name]
    assert pq.read_table(path).to_pydict() == {
        "list_id": ["a", "a", "b"],
        "price": [1.5, 2.0, None],
    }
    (other,) = on_disk(rows[:2], tmp_path / "logs")
    assert other != path


def test_a_column_of_several_types_is_named() -> None:
    mixed = pd.DataFrame({"price": [1, "two"]})
    with pytest.raises(InputError, match=r"expected columns of one type each: .*price"):
        as_table(mixed)


def test_no_path_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected paths or rows, found an empty list"):
        on_disk([], tmp_path)
