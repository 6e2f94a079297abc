"""The first rows of a file, as a table to look at."""

import contextlib
import io

import pandas as pd
import pyarrow as pa

from data.arrow_lists import is_list
from data.arrow_types import as_type
from data.errors import InputError
from data.rows.raw import raw_column
from data.sources.csv_files import csv_columns, header_separator
from data.sources.csv_text import open_bytes
from data.sources.parquet_files import parquet_columns, parquet_fields, read_parquet
from data.sources.source import Shard
from data.sources.storage import find_files
from data.sources.table import CSV_ENDINGS, PARQUET_ENDINGS

ROWS = 50_000
NULL_VALUES = ("", "NULL", "null", "NaN", "nan", "None")


def read_first_rows(pattern: str, rows: int = ROWS) -> pd.DataFrame:
    """Reads the first rows of a CSV or Parquet file.

    Args:
        pattern: a file, pattern or folder, as the readers take it; the first file that has rows is
            looked at.
        rows: rows at most.

    Returns:
        Columns as numbers, timestamps, texts or arrays.

    Raises:
        InputError: if there is no such file, it is of another kind, it cannot be read, names a
            column twice or has no rows.
    """
    files = find_files([pattern], (*CSV_ENDINGS, *PARQUET_ENDINGS))
    for file in files:
        sample = _first_rows(file, rows)
        if len(sample):
            return sample
    raise InputError(
        f"input {pattern!r}: expected rows, found none in {files[0]},"
        f" only names of columns ({len(sample.columns)})"
    )


def separator_of(pattern: str) -> str:
    """What the values of CSV files are separated by, by the header of the first file.

    Args:
        pattern: as `read_first_rows` takes it.

    Returns:
        One of `csv_files.SEPARATORS`; a comma where the first file is of another kind.

    Raises:
        InputError: as `read_first_rows`.
    """
    file = find_files([pattern], (*CSV_ENDINGS, *PARQUET_ENDINGS))[0]
    return header_separator(file) if file.lower().endswith(CSV_ENDINGS) else ","


def _first_rows(file: str, rows: int) -> pd.DataFrame:
    is_csv = file.lower().endswith(CSV_ENDINGS)
    separator = header_separator(file) if is_csv else ","
    columns = csv_columns(file, separator) if is_csv else parquet_columns(file)
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise InputError(f"{file}: expected each column once, found several {repeated}")
    return (
        _csv_rows(file, columns, separator, rows) if is_csv else _parquet_rows(file, columns, rows)
    )


def _csv_rows(file: str, columns: list[str], separator: str, rows: int) -> pd.DataFrame:
    try:
        with io.BufferedReader(open_bytes(file)) as stream:
            return pd.read_csv(
                stream,
                sep=separator,
                header=0,
                # pandas would give columns without a name one that the file does not have.
                names=columns,
                nrows=rows,
                keep_default_na=False,
                na_values=list(NULL_VALUES),
                encoding="utf-8-sig",
                encoding_errors="replace",
                low_memory=False,
            )
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {error}") from error


def _parquet_rows(file: str, columns: list[str], rows: int) -> pd.DataFrame:
    columns = _with_fields(columns, parquet_fields(file))
    for batch in read_parquet(Shard(file), columns, rows):
        read = {name: raw_column(batch, name, "", NULL_VALUES).values for name in columns}
        return pd.DataFrame({name: _to_pandas(values) for name, values in read.items()})
    return pd.DataFrame(columns=columns)


def _with_fields(columns: list[str], fields: list[str]) -> list[str]:
    """The columns, nested ones by their fields, and fields that are nested by theirs."""
    named = [*columns, *(field for field in fields if field not in columns)]
    parents = {name.rpartition(".")[0] for name in named if name in fields}
    return [name for name in named if name not in parents]


def _to_pandas(values: pa.Array) -> pd.Series:
    # Ids with more digits than an integer holds stay decimals.
    with contextlib.suppress(pa.ArrowInvalid):
        values = as_type(values, _plain_type(values.type))
    try:
        return values.to_pandas(date_as_object=False, safe=False)
    except pa.ArrowNotImplementedError:  # Lists of maps.
        return pd.Series(values.to_pylist(), dtype=object)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of plain numbers where values are decimals, or lists of them."""
    if is_list(kind):
        inner = _plain_type(kind.value_type)
        return kind if inner == kind.value_type else pa.list_(inner)
    if pa.types.is_decimal(kind):
        return pa.float64() if kind.scale > 0 else pa.int64()
    return kind
