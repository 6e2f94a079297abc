"""Rows of a CSV file that do not have as many columns as its header."""

import csv
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from data.sources.csv_text import END_MARK
from data.sources.source import SET_ASIDE_SCHEMA

# As long as a row may be; Python's own limit is 128 KiB.
_LONGEST_VALUE = 4 << 20
_MARK = ord('"')
_BORDERS = np.frombuffer(b",\n\r", np.uint8)
# pyarrow counts the header as row 1.
_HEADER_ROWS = 1


class Quotes:
    """Follows the quotation marks of a text that comes block by block.

    Attributes:
        inside: whether the text so far ends inside a quote.
        enclose: whether every quote opened where a value begins and closed where one ends.
    """

    def __init__(self) -> None:
        self.inside = False
        self.enclose = True
        self._rest = b"\n"

    def read(self, block: bytes) -> None:
        """Takes the next block; marks at its end wait for the byte after them."""
        text = self._rest + block
        whole = text.rstrip(b'"')
        # The byte before the marks comes again, to tell where they stand.
        self._rest = whole[-1:] + text[len(whole) :]
        if _MARK not in whole:
            return
        # A doubled mark stands for itself inside a quote, and for nothing outside.
        codes = np.frombuffer(whole.replace(b'""', b""), np.uint8)
        marks = np.flatnonzero(codes == _MARK)
        opening, closing = marks[self.inside :: 2], marks[not self.inside :: 2]
        borders = np.concatenate([codes[opening - 1], codes[closing + 1]])
        self.enclose = self.enclose and bool(np.isin(borders, _BORDERS).all())
        self.inside ^= bool(len(marks) % 2)


def torn_value(lines: Iterable[str]) -> tuple[int, int] | None:
    """Finds a quote that closes in the middle of a value on a later line.

    Two values with a mark at their beginning alone are read as one with all rows between them.

    Args:
        lines: lines of the CSV file.

    Returns:
        The line on which the row begins and the one on which the quote closes, counted from 1;
        None where there is no such quote.
    """
    limit = csv.field_size_limit(_LONGEST_VALUE)
    reader = csv.reader(lines, strict=True)
    begin = 1
    try:
        while True:
            begin = reader.line_num + 1
            try:
                next(reader)
            except StopIteration:
                return None
            except csv.Error as error:
                if "expected after" in str(error) and reader.line_num > begin:
                    return begin, reader.line_num
    finally:
        csv.field_size_limit(limit)


class RefusedRows:
    """Takes the rows that pyarrow refuses, with their numbers.

    Attributes:
        numbers: number of each refused row in the file, counted from 1, ascending.
        saw_end: whether `END_MARK` was among them.
    """

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.saw_end = False
        self._reasons: list[str] = []
        self._passed = 0

    def __call__(self, row: arrow_csv.InvalidRow) -> str:
        """Handles a row that pyarrow refuses: it is left out."""
        number = row.number - _HEADER_ROWS
        if row.text == END_MARK:
            self.saw_end = True
        else:
            self.numbers.append(number)
            expected, found = row.expected_columns, row.actual_columns
            self._reasons.append(f"expected {expected} columns, found {found}")
        return "skip"

    def numbers_of_good_rows(self, first: int, count: int) -> np.ndarray:
        """Numbers of the next good rows.

        Args:
            first: the number after that of the last good row.
            count: how many good rows come next.

        Returns:
            int64 [count].
        """
        refused = np.array(self.numbers[self._passed :], np.int64)
        # How many of the next good rows stand before each refused one.
        before = refused - first - np.arange(len(refused))
        skipped = np.searchsorted(before, np.arange(count), side="right")
        self._passed += int(skipped[-1]) if count else 0
        return first + np.arange(count) + skipped

    def set_aside(self, file: str, lines: dict[int, int]) -> pa.Table:
        """The refused rows as a table of `SET_ASIDE_SCHEMA`.

        Args:
            file: path of the file.
            lines: line by number of row, as far as it is known.
        """
        pairs = zip(self.numbers, self._reasons, strict=True)
        reasons = [f"{why} (line {lines[n]})" if n in lines else why for n, why in pairs]
        files = [file] * len(reasons)
        return pa.table([files, self.numbers, reasons], schema=SET_ASIDE_SCHEMA)


def lines_of_rows(text: Iterable[str], rows: Iterable[int]) -> dict[int, int]:
    """Finds the lines on which rows begin, in a file with blank lines or line breaks in quotes.

    Args:
        text: lines of the CSV file, the header first.
        rows: numbers of the rows.

    Returns:
        Line by number of row, counted from 1; empty where Python's parser gives up.
    """
    wanted = set(rows)
    lines: dict[int, int] = {}
    reader = csv.reader(text)
    row, begin = -1, 1
    try:
        for record in reader:
            row += bool(record)
            if record and row in wanted:
                lines[row] = begin
                if len(lines) == len(wanted):
                    break
            begin = reader.line_num + 1
    except csv.Error:
        return {}
    return lines
