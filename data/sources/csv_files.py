"""CSV files, also gzipped, in columnar batches of text."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from data.errors import InputError
from data.sources.csv_rows import RefusedRows, lines_of_rows
from data.sources.csv_text import SUBSTITUTE, UNDECODED, CsvText, look_over, open_bytes, torn_value
from data.sources.source import SET_ASIDE_SCHEMA, RowBatch

# A row must fit into one block. pyarrow reads up to 32 blocks ahead.
_BLOCK_BYTES = 4 << 20
# What may stand between values.
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def csv_columns(path: str, separator: str = ",") -> list[str]:
    """Names in the header of a CSV file.

    Args:
        path: path of the file.
        separator: what stands between values, one of `SEPARATORS`.

    Raises:
        InputError: the file has no header, is not UTF-8 or separated otherwise, or cannot be read.
    """
    header = _header(path, separator)
    if len(header) == 1:
        message = f"{path}: expected columns separated by {SEPARATORS[separator]}, found one column"
        other = _other_separator(header[0], separator)
        if other:
            message += (
                f"; it looks separated by {SEPARATORS[other]}, which `csv_separator:"
                f" {json.dumps(other)}` in the definition would read"
            )
        raise InputError(message)
    return header


def header_separator(path: str) -> str:
    """What makes the most columns of the header of a CSV file; a comma before others.

    Raises:
        InputError: as `csv_columns`, but for a header that is separated otherwise.
    """
    return max(SEPARATORS, key=lambda separator: len(_header(path, separator)))


def _other_separator(name: str, separator: str) -> str | None:
    """The separator that the only column of a header holds in its name."""
    return next((mark for mark in SEPARATORS if mark != separator and mark in name), None)


def _header(path: str, separator: str) -> list[str]:
    try:
        with open_text(path) as text:
            header = next(csv.reader(text, delimiter=separator), [])
    except csv.Error as error:
        raise InputError(f"{path}: expected CSV in UTF-8, found {error}") from error
    except OSError as error:
        raise InputError(f"{path}: cut off or damaged: {error}") from error
    if any(map(UNDECODED.search, header)):
        raise InputError(f"{path}: expected CSV in UTF-8, found other bytes in the header")
    if not any(header):
        raise InputError(f"{path}: expected a header with the columns' names, found none")
    return header


def open_text(path: str) -> io.TextIOWrapper:
    """Opens a CSV file as text, without a byte order mark, line breaks as they are."""
    stream = io.BufferedReader(open_bytes(path))
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def read_csv(
    path: str, columns: Sequence[str], null_values: Sequence[str] | None, separator: str = ","
) -> Iterator[RowBatch]:
    """Reads columns of a CSV file as text.

    Args:
        path: path of the file, gzipped if it ends in `.gz`.
        columns: the columns to read; the header must have them.
        null_values: texts that stand for a missing value; None leaves texts as they are.
        separator: what stands between values, one of `SEPARATORS`.

    Yields:
        Batches of rows. Rows with bytes that are not UTF-8 are set aside in their batch, rows
        with another number of columns than the header in a last batch without other rows.

    Raises:
        InputError: the file cannot be read to its end, or a quote in it never closes, or closes in
            the middle of a value of another row.
    """
    text = look_over(path, separator)
    refused = RefusedRows()
    next_row = 1
    with text.open() as stream:
        for table in _tables(text, stream, columns, null_values, refused):
            numbers = refused.numbers_of_good_rows(next_row, table.num_rows)
            next_row = int(numbers[-1]) + 1 if len(numbers) else next_row
            batch = _decoded(path, table, numbers, text.decodes)
            yield replace(batch, nulls_known=null_values is not None)
    rows = max([next_row - 1, *refused.numbers[-1:]])
    if not text.quotes_pair and not refused.saw_end:
        raise InputError(f"{path}: row {rows} opens a quote that never closes")
    if not text.quotes_enclose and text.lines != rows + 1:
        _refuse_torn_values(text)
    if refused.numbers:
        lines = _lines(text, refused, rows)
        empty = pa.table({name: pa.array([], pa.string()) for name in columns})
        yield RowBatch(path, next_row, empty, set_aside=refused.set_aside(path, lines))


def _tables(
    text: CsvText,
    stream: pa.NativeFile,
    columns: Sequence[str],
    null_values: Sequence[str] | None,
    refused: RefusedRows,
) -> Iterator[pa.Table]:
    parse = arrow_csv.ParseOptions(
        delimiter=text.separator, newlines_in_values=True, invalid_row_handler=refused
    )
    convert = arrow_csv.ConvertOptions(
        check_utf8=False,
        column_types=dict.fromkeys(columns, pa.string()),
        include_columns=list(columns),
        null_values=[""] if null_values is None else list(null_values),
        strings_can_be_null=True,
    )
    # Only without threads do refused rows come with their numbers.
    read = arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES)
    try:
        # Closed before the process may end: its threads would be cut off, and abort it.
        with arrow_csv.open_csv(stream, read, parse, convert) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        # pyarrow takes a header without a line break for an empty file.
        if "Empty CSV" not in str(error):
            raise InputError(_explanation(text.path, str(error))) from error


def _decoded(path: str, table: pa.Table, numbers: np.ndarray, decodes: bool) -> RowBatch:
    """Sets rows with undecoded bytes aside, if there may be any."""
    first_row = int(numbers[0]) if len(numbers) else 1
    wrong = np.zeros(table.num_rows, bool)
    for name in () if decodes else table.column_names:
        found = pc.fill_null(pc.match_substring(table[name], SUBSTITUTE), False)
        wrong |= found.to_numpy()
    if not wrong.any():
        return RowBatch(path, first_row, table, numbers)
    count = int(wrong.sum())
    reasons = ["expected UTF-8, found other bytes"] * count
    set_aside = pa.table([[path] * count, numbers[wrong], reasons], schema=SET_ASIDE_SCHEMA)
    good = table.filter(pa.array(~wrong))
    return RowBatch(path, first_row, good, numbers[~wrong], set_aside)


def _explanation(path: str, message: str) -> str:
    if "straddling" in message:
        size = f"{_BLOCK_BYTES >> 20} MiB"
        return f"{path}: expected rows shorter than {size}, found a longer one: an unclosed quote?"
    return f"{path}: cannot be parsed: {message}"


def _refuse_torn_values(text: CsvText) -> None:
    with open_text(text.path) as lines:
        torn = torn_value(lines, text.separator)
    if torn:
        raise InputError(
            f"{text.path}: line {torn[0]} opens a quote that closes on line {torn[1]} in the middle"
            " of a value: expected quotes that enclose values, or the rows between would be lost"
        )


def _lines(text: CsvText, refused: RefusedRows, rows: int) -> dict[int, int]:
    """Line by number of row; looked for only where rows and lines do not run in step."""
    if text.lines == rows + 1:
        return {number: number + 1 for number in refused.numbers}
    with open_text(text.path) as lines:
        return lines_of_rows(lines, refused.numbers, text.separator)
