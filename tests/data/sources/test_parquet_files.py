from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
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
    assert list(read_parquet(Shard(path), ["id"])) == []
    assert parquet_columns(path) == ["id", "x"]


@pytest.mark.parametrize(("entries", "size"), [(100, 1 << 20), (1 << 20, 10 * 80)])
def test_long_rows_come_in_batches_of_fewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: int, size: int
) -> None:
    # 10 numbers of 8 bytes a row: 10 rows have 100 entries, and in the file a bit more than 800
    # bytes.
    monkeypatch.setattr(parquet_files, "_BATCH_ENTRIES", entries)
    monkeypatch.setattr(parquet_files, "_BATCH_BYTES", size)
    path = str(tmp_path / "logs.parquet")
    past = [[row + entry / 10 for entry in range(10)] for row in range(95)]
    table = pa.table({"id": list(range(1, 96)), "past": past})
    pq.write_table(table, path, row_group_size=40, use_dictionary=False)
    (whole,) = read_parquet(Shard(path, 1, (0,)), ["id"])
    assert whole.table.num_rows == 40
    batches = list(read_parquet(Shard(path), ["past"]))
    most = max(batch.table.num_rows for batch in batches)
    assert most == 10 if size > entries else 8 <= most < 10
    assert pa.concat_tables([batch.table for batch in batches])["past"].to_pylist() == past
    # Never more rows than were asked for.
    assert [batch.table.num_rows for batch in read_parquet(Shard(path), ["past"], 7)][:2] == [7, 7]


@pytest.mark.parametrize("error", [pa.ArrowNotImplementedError, pa.ArrowCapacityError])
def test_batches_too_large_for_arrow_are_read_in_smaller_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[pa.ArrowException]
) -> None:
    class Narrow(pq.ParquetFile):
        """Can read no batch of more than 2,000 rows from the second one on."""

        most = 2_000

        def iter_batches(self, batch_size: int, **options: Any) -> Iterator[pa.RecordBatch]:
            for number, batch in enumerate(super().iter_batches(batch_size, **options)):
                if number and batch_size > self.most:
                    raise error("Nested data conversions not implemented")
                yield batch

    monkeypatch.setattr(pq, "ParquetFile", Narrow)
    path = write(tmp_path, rows=20_000, rows_of_group=5_000)
    batches = list(read_parquet(Shard(path, 101), ["id"], rows_per_batch=9_000))
    # 9,000 / 8 from the second batch on.
    assert [batch.table.num_rows for batch in batches[:2]] == [9_000, 1_125]
    rows = np.concatenate([batch.row_numbers for batch in batches])
    np.testing.assert_array_equal(rows, np.arange(101, 101 + 20_000))
    ids = [batch.table["id"].to_numpy() for batch in batches]
    np.testing.assert_array_equal(np.concatenate(ids), np.arange(1, 1 + 20_000))
    monkeypatch.setattr(Narrow, "most", 0)
    with pytest.raises(InputError, match=r"logs\.parquet: cannot be read: Nested data conversions"):
        list(read_parquet(Shard(path), ["id"], rows_per_batch=9_000))


def test_what_arrow_cannot_read_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Arrow 10 says of a null among vectors of one length.
    message = "Expected all lists to be of size=2 but index 2 had size=0"

    class Older(pq.ParquetFile):
        def iter_batches(self, *_: Any, **__: Any) -> Iterator[pa.RecordBatch]:
            raise pa.ArrowInvalid(message)

    path = write(tmp_path, rows=2, rows_of_group=2)
    monkeypatch.setattr(pq, "ParquetFile", Older)
    with pytest.raises(InputError) as error:
        list(read_parquet(Shard(path), ["id"]))
    assert str(error.value) == f"{path}: cannot be read: {message}"


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
    with pytest.raises(InputError, match=r"logs\.parquet: cannot be read: Couldn't deserialize"):
        list(read_parquet(Shard(str(path)), ["id"]))


def test_a_file_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.parquet: cannot be opened: ") as error:
        parquet_columns(str(tmp_path / "a.parquet"))
    assert "damaged" not in str(error.value)
