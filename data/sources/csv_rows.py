"""CSV rows with another number of columns than the header."""

import csv
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from data.sources.csv_text import END_MARK
from data.sources.source import SET_ASIDE_SCHEMA

# pyarrow counts the header as row 1.
_HEADER_ROWS = 1


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


def lines_of_rows(text: Iterable[str], rows: Iterable[int], separator: str = ",") -> dict[int, int]:
    """Finds the lines on which rows begin, in a file with blank lines or line breaks in quotes.

    Args:
        text: lines of the CSV file, the header first.
        rows: numbers of the rows.
        separator: what stands between values.

    Returns:
        Line by number of row, counted from 1; empty where Python's parser gives up.
    """
    wanted = set(rows)
    lines: dict[int, int] = {}
    reader = csv.reader(text, delimiter=separator)
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
