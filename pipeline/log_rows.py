"""Rows of logs before and after scoring: read whole and in order, written as CSV or Parquet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from data.amounts import counted
from data.definition.dataset import Dataset
from data.errors import InputError
from data.files import whole_file
from data.listings.item_attributes import ItemAttributes
from data.rows import canonical_rows
from data.rows.raw import RawColumn
from data.rows.text import as_text
from data.sources import SET_ASIDE_SCHEMA, RowBatch, source_for
from pipeline.one_table import one_table


@dataclass(frozen=True)
class RowsToScore:
    """Rows of logs.

    Attributes:
        rows: all rows in their order, with all their columns.
        canonical: the rows that can be used; their `__row` is the place among all.
        reasons: why a row cannot be used, object [N]; None where it can.
    """

    rows: pa.Table
    canonical: pa.Table
    reasons: np.ndarray


def read_rows(
    definition: Dataset, patterns: Sequence[str], attributes: str | None = None
) -> RowsToScore:
    """Reads logs without labels.

    Args:
        definition: what the columns mean.
        patterns: files, patterns or folders.
        attributes: file of the items' attributes, where the definition has `listings`; rows keep
            what they state themselves. None takes them from columns of the logs.

    Returns:
        The rows.

    Raises:
        InputError: there are no files or rows, or they do not fit the definition.
    """
    joined = _item_attributes(definition, attributes)
    dataset = definition if joined else definition.as_sent
    source = source_for(dataset, with_labels=False, every_column=True)
    files = source.files(patterns)
    try:
        source.check(files)
    except InputError as error:
        if not definition.joined_features or joined:
            raise
        names = ", ".join(feature.name for feature in definition.joined_features)
        raise InputError(
            f"{error}\nAttributes of listings ({names}) are columns of the logs, or come from a "
            "file: --attributes"
        ) from None
    parts: dict[str, RowsToScore] = {}
    for file in files:
        before = sum(part.rows.num_rows for part in parts.values())
        if batches := list(source.read(file)):
            parts[file] = _read_file(dataset, batches, before, joined)
    if not parts:
        raise InputError(f"--input: expected rows, found none in {counted(len(files), 'file')}")
    return RowsToScore(
        rows=one_table({file: part.rows for file, part in parts.items()}),
        canonical=pa.concat_tables([part.canonical for part in parts.values()]),
        reasons=np.concatenate([part.reasons for part in parts.values()]),
    )


def _item_attributes(dataset: Dataset, path: str | None) -> ItemAttributes | None:
    if path is None:
        return None
    if dataset.listings is None:
        raise InputError(
            f"--attributes: expected a definition with `listings`, found none in {dataset.name}"
        )
    return ItemAttributes.load(path, dataset)


def with_text(table: pa.Table, place: int, field: str) -> pa.Table:
    """Makes texts, as those of ids, of the values of a column.

    Args:
        table: the table.
        place: the column's place.
        field: what the column is, for the message.

    Returns:
        The table with the texts in the column's place.

    Raises:
        InputError: the column's type has no text.
    """
    name, values = table.column_names[place], table.column(place).combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    text = as_text(RawColumn(values, name, field, "--input"))
    return table.set_column(place, name, text)


def _read_file(
    dataset: Dataset,
    batches: Sequence[RowBatch],
    before: int,
    attributes: ItemAttributes | None,
) -> RowsToScore:
    """The rows of a file, with those in their place that the reader could not take apart."""
    tables = pa.concat_tables([batch.table for batch in batches])
    refused = pa.concat_tables([batch.set_aside for batch in batches])
    numbers = [batch.row_numbers for batch in batches] + [refused["row"].to_numpy()]
    order = np.argsort(np.concatenate(numbers), kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    blank = pa.nulls(refused.num_rows)
    blanks = pa.table(dict.fromkeys(tables.column_names, blank)).cast(tables.schema)
    reasons = np.full(len(order), None, object)
    reasons[places[tables.num_rows :]] = refused["reason"].to_numpy()
    canonical, start = [], 0
    for batch in batches:
        own = places[start : start + batch.table.num_rows]
        start += batch.table.num_rows
        whole = replace(batch, numbers=own + before, set_aside=SET_ASIDE_SCHEMA.empty_table())
        joined = attributes.join(dataset, whole).batch if attributes else whole
        checked = canonical_rows(dataset, joined, with_labels=False)
        canonical.append(checked.rows)
        reasons[checked.set_aside["row"].to_numpy() - before] = checked.set_aside["reason"]
    rows = pa.concat_tables([tables, blanks]).take(pa.array(order))
    return RowsToScore(rows, pa.concat_tables(canonical), reasons)


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
        if _in_csv(rows.select([place])):
            continue
        try:
            if pa.types.is_duration(column.type):
                raise InputError("a duration in CSV has no unit")
            rows = with_text(rows, place, "a column of the CSV")
        except InputError:
            refused.append(f"{column.name!r} of the type {column.type}")
    if refused:
        raise InputError(
            "--output: expected a .parquet file, since CSV has no place for the values of "
            f"{', '.join(refused)}"
        )
    return rows


def _in_csv(column: pa.Table) -> bool:
    """Whether Arrow writes a column as CSV, in every version of it."""
    (kind,) = column.schema.types
    if pa.types.is_decimal(kind) or pa.types.is_duration(kind):
        # Later versions write them, a duration without its unit.
        return False
    try:
        arrow_csv.write_csv(column, pa.MockOutputStream())
    except pa.ArrowException:
        return False
    return True


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
