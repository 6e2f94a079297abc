"""Quotation marks of a CSV file: whether they open and close where values begin and end."""

import csv
from collections.abc import Iterable

import numpy as np

# As long as a row may be; Python's own limit is 128 KiB.
_LONGEST_VALUE = 4 << 20

_MARK = ord('"')
_BORDERS = np.frombuffer(b",\n\r", np.uint8)


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
