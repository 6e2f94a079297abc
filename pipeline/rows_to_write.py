"""Writes scored rows as CSV or Parquet."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from data.errors import InputError
from data.files import whole_file
from pipeline.rows_to_score import with_text


def rows_for_csv(rows: pa.Table) -> pa.Table:
    """Makes texts of the columns that Arrow cannot write as CSV.

    Args:
        rows: any columns.

    Returns:
        The rows; decimals, and times of zones such as `+02:00`, as text.

    Raises:
        InputError: a column has no text: it is nested, a duration, or bytes that are not UTF-8.
    """
    refused = []
    for place, column in enumerate(rows.schema):
        try:
            arrow_csv.write_csv(rows.select([place]), pa.MockOutputStream())
        except pa.ArrowException:
            try:
                rows = with_text(rows, place, "a column of the CSV")
            except InputError:
                refused.append(f"{column.name!r} of the type {column.type}")
    if refused:
        raise InputError(
            "--output: expected a .parquet file, since CSV has no place for the values of "
            f"{', '.join(refused)}"
        )
    return rows


def free_names(wished: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """Names for columns that are added to those of the logs.

    Args:
        wished: names of the added columns.
        taken: names of the logs' columns.

    Returns:
        By wished name: the name itself, or `model_NAME` (`model_2_NAME`, ...) where the logs have
        a column of that name in any capitals.
    """
    lower = {name.lower() for name in taken}
    names: dict[str, str] = {}
    for name in wished:
        free, number = name, 1
        while free.lower() in lower:
            free = f"model_{name}" if number == 1 else f"model_{number}_{name}"
            number += 1
        names[name] = free
        lower.add(free.lower())
    return names


def write_rows(rows: pa.Table, output: Path) -> None:
    """Writes a table as CSV or Parquet, by the file's ending, whole or not at all.

    Raises:
        InputError: a column cannot be written in this format.
    """
    as_csv = output.suffix == ".csv"
    write: Callable[[pa.Table, str], None] = arrow_csv.write_csv if as_csv else pq.write_table
    try:
        with whole_file(output) as partial:
            write(rows, partial)
    except pa.ArrowException as error:
        hint = "; expected a .parquet file" if as_csv else ""
        raise InputError(f"--output: {output}: {error}{hint}") from error
