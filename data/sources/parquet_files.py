"""Flat Parquet files in columnar batches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow_hotfix  # noqa: F401 - reading a file would unpickle what it holds (CVE-2023-47248)

from data.errors import InputError
from data.sources.nested_columns import leaves_of, nested_names
from data.sources.source import RowBatch, Shard
from data.sources.storage import open_file

_BATCH_ROWS = 65_536
# Row groups of fewer rows are read together.
_SHARD_ROWS = 262_144


@contextmanager
def parquet_file(path: str) -> Iterator[pq.ParquetFile]:
    """Opens a Parquet file; faults in its bytes become an InputError."""
    try:
        with open_file(path) as source:
            yield pq.ParquetFile(source)
    except InputError:
        raise
    # A ValueError is a name in another encoding than UTF-8.
    except (pa.ArrowException, OSError, ValueError) as error:
        message = str(error).splitlines()[0]
        raise InputError(f"{path}: cut off, damaged or no Parquet file: {message}") from error
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


def parquet_fields(path: str) -> list[str]:
    """Dotted names of the fields of nested columns, such as `history.price`."""
    with parquet_file(path) as file:
        return nested_names(file.schema_arrow)


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
        rows_per_batch: rows of a batch.

    Yields:
        Batches of rows as they are.

    Raises:
        InputError: the file cannot be read to its end.
    """
    first_row = shard.first_row
    with parquet_file(shard.file) as file:
        leaves = [file.schema.column(index).path for index in range(len(file.schema))]
        batches = file.iter_batches(
            batch_size=rows_per_batch,
            row_groups=None if shard.row_groups is None else list(shard.row_groups),
            columns=leaves_of(columns, leaves),
        )
        for batch in batches:
            yield RowBatch(shard.file, first_row, pa.Table.from_batches([batch]))
            first_row += batch.num_rows
