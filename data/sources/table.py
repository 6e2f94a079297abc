"""Flat files: CSV and Parquet, with Hive partitions."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pyarrow as pa

from data.definition.dataset import Dataset
from data.sources.csv_files import csv_columns, read_csv
from data.sources.needed_columns import (
    NeededColumn,
    check_columns,
    check_somewhere,
    needed_columns,
)
from data.sources.parquet_files import (
    parquet_columns,
    parquet_fields,
    parquet_shards,
    read_parquet,
)
from data.sources.partitions import between, partition_values
from data.sources.source import RowBatch, Shard
from data.sources.storage import files_below

CSV_ENDINGS = (".csv", ".csv.gz")
PARQUET_ENDINGS = (".parquet",)


@dataclass(frozen=True)
class TableSource:
    """Reads files of which each row is one item of one list.

    Attributes:
        dataset: the definition that names the columns.
        with_labels: whether the lists are trained or evaluated on, not only scored.
        every_column: whether columns are read as well that the definition does not name.
    """

    dataset: Dataset
    with_labels: bool = True
    every_column: bool = False

    endings: ClassVar[tuple[str, ...]] = (*CSV_ENDINGS, *PARQUET_ENDINGS)

    def files(
        self,
        patterns: Sequence[str],
        start: datetime.date | None = None,
        end: datetime.date | None = None,
    ) -> list[str]:
        """See `Source`."""
        return between(files_below(patterns, self.endings), start, end)

    def path_values(self, path: str) -> dict[str, str | None]:
        """Columns that the path of a file gives to all its rows."""
        return partition_values(path)

    def columns(self, path: str) -> list[str]:
        """See `Source`."""
        inside = [*self.columns_inside(path), *self.fields_inside(path)]
        return [*inside, *(name for name in self.path_values(path) if name not in inside)]

    def check(self, paths: Sequence[str]) -> None:
        """See `Source`."""
        columns = {path: self.columns(path) for path in paths}
        for path, names in columns.items():
            check_columns(self._needed, names, path)
        if self.with_labels:
            check_somewhere(self._needed, columns.values())

    def shards(self, path: str) -> list[Shard]:
        """See `Source`."""
        return [Shard(path)] if _is_csv(path) else parquet_shards(path)

    def read(self, shard: Shard | str) -> Iterator[RowBatch]:
        """See `Source`."""
        shard = Shard(shard) if isinstance(shard, str) else shard
        inside = self.columns_inside(shard.file)
        fields = [name for name in self.fields_inside(shard.file) if name not in inside]
        check_columns(self._needed, self.columns(shard.file), shard.file)
        needed = [column.name for column in self._needed]
        if self.every_column:
            # Fields come with the columns that they lie in.
            needed = list(dict.fromkeys([*inside, *self.path_values(shard.file)]))
        constants = {
            name: None if value in self.dataset.null_values else value
            for name, value in self.path_values(shard.file).items()
            if name in needed and name not in (*inside, *fields)
        }
        inside = [*inside, *fields]
        for batch in self.read_inside(shard, [name for name in needed if name in inside]):
            yield replace(batch, table=_with_constants(batch.table, constants))

    def read_inside(self, shard: Shard, names: list[str]) -> Iterator[RowBatch]:
        """Reads columns that lie in the file itself."""
        if _is_csv(shard.file):
            null_values = None if self.every_column else self.dataset.null_values
            return read_csv(shard.file, names, null_values, self.dataset.csv_separator)
        return read_parquet(shard, names)

    def columns_inside(self, path: str) -> list[str]:
        """Columns that lie in the file itself."""
        if _is_csv(path):
            return csv_columns(path, self.dataset.csv_separator)
        return parquet_columns(path)

    def fields_inside(self, path: str) -> list[str]:
        """Dotted names of the fields of nested columns in the file, see `nested_columns`.

        The needed fields of a column that holds no value in this file are among them.
        """
        wanted = [column.name for column in self._needed]
        return [] if _is_csv(path) else parquet_fields(path, wanted)

    @property
    def _needed(self) -> tuple[NeededColumn, ...]:
        return needed_columns(self.dataset, self.with_labels)


def _is_csv(path: str) -> bool:
    return path.lower().endswith(CSV_ENDINGS)


def _with_constants(table: pa.Table, values: dict[str, str | None]) -> pa.Table:
    for name, value in values.items():
        constant = pa.repeat(pa.scalar(value, pa.string()), table.num_rows)
        table = table.append_column(name, constant)
    return table
