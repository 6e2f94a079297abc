"""Flat Parquet files in columnar batches."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow_hotfix  # noqa: F401 - reading a file would unpickle what it holds (CVE-2023-47248)

from data.errors import InputError
from data.sources.nested_columns import fields_of_nothing, leaves_of, nested_names
from data.sources.source import RowBatch, Shard
from data.sources.storage import open_file

_BATCH_ROWS = 65_536
# A batch of long histories has fewer rows: by entries of a column, since a text that the file holds
# once stands in memory for each of its entries, and by bytes of all columns.
_BATCH_ENTRIES = 4_194_304
_BATCH_BYTES = 256 << 20
# Of so few rows no batch is too large for Arrow because of its size.
_FEW_ROWS = 1_024
# Row groups of fewer rows are read together.
_SHARD_ROWS = 262_144


@contextmanager
def parquet_file(path: str) -> Iterator[pq.ParquetFile]:
    """Opens a Parquet file; faults in its bytes, and what Arrow cannot read, become an InputError.

    Only a file whose footer cannot be read is called damaged: of others Arrow says what is wrong.
    """
    fault = "cut off, damaged or no Parquet file"
    try:
        with open_file(path) as source:
            file = pq.ParquetFile(source)
            fault = "cannot be read"
            yield file
    except InputError:
        raise
    # A ValueError is a name in another encoding than UTF-8.
    except (pa.ArrowException, OSError, ValueError) as error:
        message = str(error).splitlines()[0]
        raise InputError(f"{path}: {fault}: {message}") from error
    # What pyarrow-hotfix raises quotes the pickle byte by byte: nothing for a screen.
    except RuntimeError as error:
        raise InputError(
            f"{path}: expected plain columns, found one of Arrow's Python extension type, whose "
            "reading can run any code; write the file again with the column's plain values"
        ) from error


def parquet_columns(path: str) -> list[str]:
    """Names of the top-level columns of a Parquet file.

    Raises:
        InputError: it is no whole Parquet file.
    """
    with parquet_file(path) as file:
        return list(file.schema_arrow.names)


def parquet_fields(path: str, wanted: Sequence[str] = ()) -> list[str]:
    """Dotted names of the fields of nested columns, such as `history.price`.

    Args:
        path: the file.
        wanted: dotted names that count as fields of a column that holds no value in this file.

    Returns:
        The names.

    Raises:
        InputError: it is no whole Parquet file.
    """
    with parquet_file(path) as file:
        schema = file.schema_arrow
    return [*nested_names(schema), *fields_of_nothing(schema, wanted)]


def parquet_leaves(path: str) -> list[str]:
    """Paths of the leaves of a nested Parquet file, such as `hits.list.element.time`."""
    with parquet_file(path) as file:
        return [file.schema.column(index).path for index in range(len(file.schema))]


def parquet_shards(path: str) -> list[Shard]:
    """Neighbouring row groups of a Parquet file that together have about 262,000 rows."""
    with parquet_file(path) as file:
        groups = range(file.num_row_groups)
        rows = np.array([file.metadata.row_group(group).num_rows for group in groups], np.int64)
    before = np.cumsum(rows) - rows
    shards = []
    for number in np.unique(before // _SHARD_ROWS):
        members = np.flatnonzero(before // _SHARD_ROWS == number)
        first_row = int(before[members[0]]) + 1
        shards.append(Shard(path, first_row, tuple(int(member) for member in members)))
    return shards


def read_parquet(
    shard: Shard, columns: Sequence[str], rows_per_batch: int = _BATCH_ROWS
) -> Iterator[RowBatch]:
    """Reads columns of a shard.

    Args:
        shard: row groups of a file, or a whole file.
        columns: the columns to read, fields of nested ones by dotted names, or paths of leaves
            such as `hits.list.item.time`.
        rows_per_batch: rows of a batch, at most; fewer where they are long.

    Yields:
        Batches of rows as they are.

    Raises:
        InputError: the file cannot be read to its end.
    """
    first_row = shard.first_row
    with parquet_file(shard.file) as file:
        paths = [file.schema.column(index).path for index in range(len(file.schema))]
        leaves = leaves_of(columns, paths)
        groups = shard.row_groups
        groups = tuple(range(file.num_row_groups)) if groups is None else groups
        places = {path: place for place, path in enumerate(paths)}
        rows = _rows_at_once(file, groups, [places[leaf] for leaf in leaves], rows_per_batch)
        for batch in _batches(file, groups, leaves, rows):
            yield RowBatch(shard.file, first_row, pa.Table.from_batches([batch]))
            first_row += batch.num_rows


def _rows_at_once(
    file: pq.ParquetFile, groups: Sequence[int], leaves: Sequence[int], most: int
) -> int:
    """Rows of a batch, by what the footer says of the entries and the bytes of leaves."""
    rows, size = 0, 0
    entries = np.zeros(len(leaves), np.int64)
    for group in map(file.metadata.row_group, groups):
        chunks = [group.column(leaf) for leaf in leaves]
        rows += group.num_rows
        size += sum(chunk.total_uncompressed_size for chunk in chunks)
        entries += np.array([chunk.num_values for chunk in chunks], np.int64)
    share = max(entries.max(initial=0) / _BATCH_ENTRIES, size / _BATCH_BYTES)
    return min(most, max(1, int(rows / share))) if share else most


def _batches(
    file: pq.ParquetFile, groups: Sequence[int], leaves: list[str], rows: int
) -> Iterator[pa.RecordBatch]:
    """Batches of at most so many rows; of fewer from where they are too large for Arrow."""
    done = 0
    while True:
        try:
            found = file.iter_batches(batch_size=rows, row_groups=list(groups), columns=leaves)
            for batch in _after(found, done):
                yield batch
                done += batch.num_rows
            return
        except (pa.ArrowNotImplementedError, pa.ArrowCapacityError):
            if rows <= _FEW_ROWS:
                raise
            rows = max(rows // 8, _FEW_ROWS)


def _after(batches: Iterable[pa.RecordBatch], done: int) -> Iterator[pa.RecordBatch]:
    """What follows the first rows of batches."""
    for batch in batches:
        left = batch.slice(min(done, batch.num_rows))
        done -= batch.num_rows - left.num_rows
        if left.num_rows:
            yield left
