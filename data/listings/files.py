"""Files of listings, read and written in batches: CSV, Parquet or JSON lines."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from data.errors import InputError
from data.files import whole_file
from data.listings.json_lines import json_schema, read_json_lines, write_json_lines
from data.listings.listings import as_texts
from data.sources.csv_files import csv_columns, header_separator, read_csv
from data.sources.parquet_files import parquet_file, read_parquet
from data.sources.source import Shard
from data.sources.table import CSV_ENDINGS, PARQUET_ENDINGS

JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
ENDINGS = (*CSV_ENDINGS, *PARQUET_ENDINGS, *JSON_ENDINGS)
WRITTEN = (".csv", *PARQUET_ENDINGS, *JSON_ENDINGS)
_ROWS = 2048


@dataclass(frozen=True)
class ListingFile:
    """A file of listings, one a row.

    Attributes:
        path: CSV, Parquet or JSON lines; local or remote.
    """

    path: str

    def __post_init__(self) -> None:
        if not self.path.lower().endswith(ENDINGS):
            kinds = ", ".join(ENDINGS)
            raise InputError(f"{self.path}: expected a name that ends in {kinds}")

    @cached_property
    def columns(self) -> list[str]:
        """Names of its columns.

        Raises:
            InputError: the file cannot be read, or a name stands twice.
        """
        is_csv = self._is(CSV_ENDINGS)
        names = csv_columns(self.path, self.separator) if is_csv else self._schema.names
        again = [name for name, count in Counter(names).items() if count > 1]
        if again:
            told = ", ".join(map(repr, again))
            raise InputError(f"{self.path}: expected every column once, found {told} again")
        return names

    @cached_property
    def separator(self) -> str:
        """What the values of a CSV file are separated by, by its header."""
        return header_separator(self.path)

    @cached_property
    def rows(self) -> int | None:
        """Number of rows; None where only reading the file tells."""
        if not self._is(PARQUET_ENDINGS):
            return None
        with parquet_file(self.path) as file:
            return file.metadata.num_rows

    @cached_property
    def nested(self) -> list[str]:
        """Columns of lists, or of values that have fields."""
        if self._is(CSV_ENDINGS):
            return []
        return [field.name for field in self._schema if pa.types.is_nested(field.type)]

    @cached_property
    def _schema(self) -> pa.Schema:
        if self._is(JSON_ENDINGS):
            return json_schema(self.path)
        with parquet_file(self.path) as file:
            return file.schema_arrow

    def batches(self, rows: int = _ROWS) -> Iterator[pa.Table]:
        """Its rows in order, all columns, in tables of at most so many.

        Raises:
            InputError: the file cannot be read, or a row of it is torn.
        """
        for table in self._tables():
            for start in range(0, table.num_rows, rows):
                yield table.slice(start, rows)

    def _tables(self) -> Iterator[pa.Table]:
        if self._is(JSON_ENDINGS):
            yield from read_json_lines(self.path, self._schema)
            return
        found = (
            read_csv(self.path, self.columns, [""], self.separator)
            if self._is(CSV_ENDINGS)
            else read_parquet(Shard(self.path), self.columns, _ROWS)
        )
        for batch in found:
            if batch.set_aside.num_rows:
                wrong = batch.set_aside.slice(0, 1).to_pylist()[0]
                raise InputError(f"{self.path}: row {wrong['row']}: {wrong['reason']}")
            yield batch.table

    def _is(self, endings: tuple[str, ...]) -> bool:
        return self.path.lower().endswith(endings)


@contextmanager
def listing_writer(path: str) -> Iterator[Callable[[pa.Table], None]]:
    """Writes listings in batches to a file that appears only when it is whole.

    Args:
        path: a name that ends in .csv, .parquet, .jsonl, .ndjson or .json.

    Yields:
        A function that writes a table; all tables have the same columns.
    """
    kind = Path(path).suffix.lower()
    with whole_file(path) as partial:
        if kind in JSON_ENDINGS:
            with Path(partial).open("w", encoding="utf-8", newline="\n") as file:
                yield lambda table: write_json_lines(file, table)
            return
        writers: list[pq.ParquetWriter | arrow_csv.CSVWriter] = []

        def write(table: pa.Table) -> None:
            if kind == ".csv":
                table = _without_decimals(table)
            if not writers:
                opened = arrow_csv.CSVWriter if kind == ".csv" else pq.ParquetWriter
                writers.append(opened(partial, table.schema))
            writers[0].write_table(table)

        try:
            yield write
        finally:
            for writer in writers:
                writer.close()


def _without_decimals(table: pa.Table) -> pa.Table:
    """Decimals as texts: the CSV of some versions of pyarrow has none."""
    for at, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(at, field.name, as_texts(table[at], field.name))
    return table


def check_written(option: str, path: Path) -> None:
    """Refuses an output that cannot be written.

    Args:
        option: what named it, for the message.
        path: the file.

    Raises:
        InputError: its name has another ending than `WRITTEN`, its folder is not there, or it is a
            folder itself.
    """
    if path.suffix.lower() not in WRITTEN:
        raise InputError(f"{option}: expected a name ending in {', '.join(WRITTEN)}, found {path}")
    if not path.parent.is_dir():
        raise InputError(f"{option}: expected an existing folder, found none at {path.parent}")
    if path.is_dir():
        raise InputError(f"{option}: expected a file, found a folder: {path}")


def check_kinds(option: str, path: Path, file: ListingFile) -> None:
    """Refuses an output as CSV, which has no place for lists and fields, of listings with some.

    Args:
        option: what named the output, for the message.
        path: the output.
        file: the listings, whose columns are written.

    Raises:
        InputError: names the columns.
    """
    if path.suffix.lower() == ".csv" and file.nested:
        raise InputError(
            f"{option}: expected .parquet or .jsonl for lists and values with fields, as "
            f"{file.path} has them in {', '.join(map(repr, file.nested))}; found {path}"
        )
