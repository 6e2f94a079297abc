from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.sources import parquet_files
from data.sources.parquet_files import parquet_columns, parquet_shards, read_parquet
from data.sources.source import Shard


def write(folder: Path, rows: int, rows_of_group: int) -> str:
    path = str(folder / "logs.parquet")
    table = pa.table({"id": list(range(1, rows + 1)), "x": [0.5] * rows})
    pq.write_table(table, path, row_group_size=rows_of_group)
    return path


def test_shards_cover_the_file_and_know_their_first_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_files, "_SHARD_ROWS", 25)
    path = write(tmp_path, rows=95, rows_of_group=10)
    shards = parquet_shards(path)
    # A group belongs to the shard in whose 25 rows it begins.
    assert [len(shard.row_groups or ()) for shard in shards] == [3, 2, 3, 2]
    assert [shard.first_row for shard in shards] == [1, 31, 51, 81]
    for shard in shards:
        for batch in read_parquet(shard, ["id"], rows_per_batch=7):
            assert batch.table["id"].to_pylist() == batch.row_numbers.tolist()


def test_a_whole_file_is_read_without_shards(tmp_path: Path) -> None:
    path = write(tmp_path, rows=30, rows_of_group=10)
    batches = list(read_parquet(Shard(path), ["id"], rows_per_batch=20))
    assert [batch.first_row for batch in batches] == [1, 21]
    assert sum(batch.rows_in for batch in batches) == 30


def test_no_rows_no_shards(tmp_path: Path) -> None:
    path = write(tmp_path, rows=0, rows_of_group=10)
    assert sum(len(list(read_parquet(shard, ["id"]))) for shard in parquet_shards(path)) == 0
    assert parquet_columns(path) == ["id", "x"]


@pytest.mark.parametrize("cut", [0, 3, 200, -1])
def test_a_file_cut_off_is_an_error(tmp_path: Path, cut: int) -> None:
    path = Path(write(tmp_path, rows=1000, rows_of_group=100))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match=r"logs\.parquet: cut off, damaged or no Parquet file"):
        parquet_columns(str(path))


def test_damage_within_a_file_is_an_error(tmp_path: Path) -> None:
    path = Path(write(tmp_path, rows=1000, rows_of_group=1000))
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"logs\.parquet: cut off, damaged"):
        list(read_parquet(Shard(str(path)), ["id"]))


def test_a_file_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.parquet: cannot be opened: ") as error:
        parquet_columns(str(tmp_path / "a.parquet"))
    assert "damaged" not in str(error.value)
