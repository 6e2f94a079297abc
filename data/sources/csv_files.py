"""CSV files, also gzipped, in columnar batches of text."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from data.errors import InputError
from data.sources.clean_stream import SUBSTITUTE, CleanStream
from data.sources.csv_rows import RefusedRows, lines_of_rows
from data.sources.source import SET_ASIDE_SCHEMA, RowBatch
from data.sources.storage import locate

# A row must fit into one block. pyarrow reads up to 32 blocks ahead.
_BLOCK_BYTES = 4 << 20

_UNDECODED = re.compile("[\udc80-\udcff]")


def csv_columns(path: str) -> list[str]:
    """Names in the header of a CSV file.

    Raises:
        InputError: the file has no header, is not comma-separated UTF-8, or cannot be read.
    """
    try:
        with open_text(path) as text:
            header = next(csv.reader(text), [])
    except (csv.Error, OSError) as error:
        raise InputError(f"{path}: expected a CSV file, found {error}") from error
    if any(map(_UNDECODED.search, header)):
        raise InputError(f"{path}: expected a header in UTF-8, found other bytes")
    if not any(header):
        raise InputError(f"{path}: expected a header with the columns' names, found none")
    if len(header) == 1:
        other = next((mark for mark in (";", "\t", "|") if mark in header[0]), None)
        hint = f"; it looks separated by {other!r}" if other else ""
        raise InputError(f"{path}: expected columns separated by commas, found one column{hint}")
    return header


def open_text(path: str) -> io.TextIOWrapper:
    """Opens a CSV file as text, without a byte order mark, line breaks as they are."""
    stream = io.BufferedReader(_open(path))
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def read_csv(path: str, columns: Sequence[str], null_values: Sequence[str]) -> Iterator[RowBatch]:
    """Reads columns of a CSV file as text.

    Args:
        path: path of the file, gzipped if it ends in `.gz`.
        columns: the columns to read; the header must have them.
        null_values: texts that stand for a missing value.

    Yields:
        Batches of rows. Rows with bytes that are not UTF-8 are set aside in their batch, rows
        with another number of columns than the header in a last batch without other rows.

    Raises:
        InputError: the file cannot be read to its end, or a quote in it never closes.
    """
    refused = RefusedRows()
    next_row = 1
    with _open(path) as file:
        stream = CleanStream(file)
        try:
            for table in _tables(stream, columns, null_values, refused):
                numbers = refused.numbers_of_good_rows(next_row, table.num_rows)
                next_row = int(numbers[-1]) + 1 if len(numbers) else next_row
                yield _decoded(path, table, numbers, stream.replaced)
        except (pa.ArrowException, OSError) as error:
            raise InputError(_explanation(path, str(error), next_row)) from error
        finally:
            stream.stop()
    if refused.rows_in_file is None:
        raise InputError(f"{path}: expected every quote to close, found one that never does")
    if refused.numbers:
        lines = _lines(path, refused, stream.lines)
        empty = pa.table({name: pa.array([], pa.string()) for name in columns})
        yield RowBatch(path, next_row, empty, set_aside=refused.set_aside(path, lines))


def _open(path: str) -> pa.NativeFile:
    file_system, place = locate(path)
    compression = "gzip" if path.lower().endswith(".gz") else None
    try:
        return file_system.open_input_stream(place, compression=compression)
    except OSError as error:
        raise InputError(f"{path}: cannot be opened: {error}") from error


def _tables(
    stream: CleanStream, columns: Sequence[str], null_values: Sequence[str], refused: RefusedRows
) -> Iterator[pa.Table]:
    reader = arrow_csv.open_csv(
        stream,
        # Only without threads do refused rows come with their numbers.
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(
            newlines_in_values=True, invalid_row_handler=refused
        ),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(columns, pa.string()),
            include_columns=list(columns),
            null_values=list(null_values),
            strings_can_be_null=True,
        ),
    )
    for batch in reader:
        yield pa.Table.from_batches([batch])


def _decoded(path: str, table: pa.Table, numbers: np.ndarray, replaced: bool) -> RowBatch:
    """Sets rows with undecoded bytes aside, if there may be any."""
    first_row = int(numbers[0]) if len(numbers) else 1
    wrong = np.zeros(table.num_rows, bool)
    for name in table.column_names if replaced else ():
        found = pc.fill_null(pc.match_substring(table[name], SUBSTITUTE), False)
        wrong |= found.to_numpy()
    if not wrong.any():
        return RowBatch(path, first_row, table, numbers)
    count = int(wrong.sum())
    reasons = ["expected UTF-8, found other bytes"] * count
    set_aside = pa.table([[path] * count, numbers[wrong], reasons], schema=SET_ASIDE_SCHEMA)
    good = table.filter(pa.array(~wrong))
    return RowBatch(path, first_row, good, numbers[~wrong], set_aside)


def _explanation(path: str, message: str, next_row: int) -> str:
    if "straddling" in message:
        size = f"{_BLOCK_BYTES >> 20} MiB"
        return f"{path}: row {next_row} or one after it is longer than {size}: an unclosed quote?"
    return f"{path}: cut off or damaged after row {next_row - 1}: {message}"


def _lines(path: str, refused: RefusedRows, lines_in_file: int) -> dict[int, int]:
    """Line by number of row; counted only where rows and lines do not run in step."""
    if lines_in_file == (refused.rows_in_file or 0) + 1:
        return {number: number + 1 for number in refused.numbers}
    with open_text(path) as text:
        return lines_of_rows(text, refused.numbers)
