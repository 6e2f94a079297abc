"""Interface of the readers of raw files."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from data.sources.nested_columns import nested_column

# Rows that cannot be used: where they stand, and why.
SET_ASIDE_SCHEMA = pa.schema([("file", pa.string()), ("row", pa.int64()), ("reason", pa.string())])


@dataclass(frozen=True)
class Shard:
    """A part of a file that can be read on its own.

    Attributes:
        file: path of the file.
        first_row: number of its first row; the rows of a file count from 1, without a header.
        row_groups: row groups of a Parquet file; None reads the whole file.
    """

    file: str
    first_row: int = 1
    row_groups: tuple[int, ...] | None = None


@dataclass(frozen=True)
class RowBatch:
    """Some rows of a file, as they are.

    Attributes:
        file: path of the file.
        first_row: number of the batch's first row in the file, counted from 1.
        table: raw columns [N].
        numbers: int64 [N], number of each row where they do not simply follow `first_row`.
        set_aside: rows that the reader could not take apart, of `SET_ASIDE_SCHEMA`.
        nulls_known: whether texts that stand for a missing value are null already.
    """

    file: str
    first_row: int
    table: pa.Table
    numbers: np.ndarray | None = None
    set_aside: pa.Table = field(default_factory=SET_ASIDE_SCHEMA.empty_table)
    nulls_known: bool = False

    @property
    def row_numbers(self) -> np.ndarray:
        """int64 [N], number of each row in its file."""
        if self.numbers is not None:
            return self.numbers
        return np.arange(self.first_row, self.first_row + self.table.num_rows, dtype=np.int64)

    def column(self, name: str) -> pa.ChunkedArray | None:
        """A raw column, or a field of a nested one by its dotted name; None where there is none."""
        return nested_column(self.table, name)

    @property
    def rows_in(self) -> int:
        """Rows that were read, those set aside included."""
        return self.table.num_rows + self.set_aside.num_rows


class Source(Protocol):
    """Reads the raw files of one dataset; can be pickled."""

    def files(
        self,
        patterns: Sequence[str],
        start: datetime.date | None = None,
        end: datetime.date | None = None,
    ) -> list[str]:
        """Files to read, in order of their paths, each once.

        Args:
            patterns: paths, globs and folders; a folder means all files in it, at any depth.
            start: first date of the Hive partitions below the patterns' folders to read; None
                from the earliest.
            end: last date, itself included; None to the latest.

        Raises:
            InputError: nothing is there, or a file is of no known kind or has no date.
        """
        ...

    def columns(self, path: str) -> list[str]:
        """Names of all columns that a file offers."""
        ...

    def check(self, paths: Sequence[str]) -> None:
        """Refuses files that lack a column that the dataset needs, before anything is read.

        Raises:
            InputError: names the field, the column, the file and columns of similar names.
        """
        ...

    def shards(self, path: str) -> list[Shard]:
        """The parts of a file that can be read on their own."""
        ...

    def read(self, shard: Shard | str) -> Iterator[RowBatch]:
        """The needed columns of a shard or of a whole file, in batches of 65,536 rows at most.

        Raises:
            InputError: the file cannot be read, or does not fit the dataset.
        """
        ...
