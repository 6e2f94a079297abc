"""First pass over a CSV file: encoding, quotes and lines, before it is parsed."""

import codecs
import csv
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import fs

from data.errors import InputError
from data.sources.storage import locate

# As long as a row may be; Python's own limit is 128 KiB.
_LONGEST_VALUE = 4 << 20
_MARK = ord('"')
# The ASCII control character "substitute" stands for a byte that is not UTF-8.
SUBSTITUTE = "\x1a"
# A last row of one column. A parser that does not report it stands inside a quote.
END_MARK = "\x1aend of file\x1a"
UNDECODED = re.compile("[\udc80-\udcff]")
_BLOCK_BYTES = 4 << 20


class Quotes:
    """Follows the quotation marks of a text that comes block by block.

    Args:
        separator: what stands between values.

    Attributes:
        inside: whether the text so far ends inside a quote.
        enclose: whether every quote opened where a value begins and closed where one ends.
    """

    def __init__(self, separator: str = ",") -> None:
        self._borders = np.frombuffer(f"{separator}\n\r".encode(), np.uint8)
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
        self.enclose = self.enclose and bool(np.isin(borders, self._borders).all())
        self.inside ^= bool(len(marks) % 2)


def torn_value(lines: Iterable[str], separator: str = ",") -> tuple[int, int] | None:
    """Finds a quote that closes in the middle of a value on a later line.

    Two values with a mark at their beginning alone are read as one with all rows between them.

    Args:
        lines: lines of the CSV file.
        separator: what stands between values.

    Returns:
        The line on which the row begins and the one on which the quote closes, counted from 1;
        None where there is no such quote.
    """
    limit = csv.field_size_limit(_LONGEST_VALUE)
    reader = csv.reader(lines, delimiter=separator, strict=True)
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


@dataclass(frozen=True)
class CsvText:
    """What a first pass over a CSV file found.

    Attributes:
        path: path of the file.
        separator: what stands between its values.
        lines: its lines.
        decodes: whether all bytes are UTF-8.
        quotes_pair: whether the number of quotation marks is even.
        quotes_enclose: whether each quote opens where a value begins and closes where one ends.
    """

    path: str
    separator: str
    lines: int
    decodes: bool
    quotes_pair: bool
    quotes_enclose: bool = True

    def open(self) -> AbstractContextManager[pa.NativeFile]:
        """The text for the parser.

        It is the file itself where it is clean. Otherwise it is a copy with `SUBSTITUTE` for
        undecoded bytes and `END_MARK` as its last line: pyarrow reads ahead in a thread, and a
        Python object there, which could do this without a copy, locks up when a reader is left.
        """
        clean = self.decodes and self.quotes_pair
        return open_bytes(self.path) if clean else _mended_copy(self.path)


def look_over(path: str, separator: str) -> CsvText:
    """Reads a CSV file once, without parsing it.

    Args:
        path: path of the file.
        separator: what stands between its values.

    Raises:
        InputError: the file cannot be read to its end.
    """
    lines, quotes, last, decodes = 0, Quotes(separator), b"\n", True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path):
            lines += block.count(b"\n")
            quotes.read(block)
            last = block[-1:]
            decodes = decodes and _decodes(decoder, block)
    except OSError as error:
        raise InputError(f"{path}: cut off or damaged: {error}") from error
    decodes = decodes and not decoder.getstate()[0]
    quotes.read(b"\n")
    lines += last != b"\n"
    return CsvText(path, separator, lines, decodes, not quotes.inside, quotes.enclose)


def open_bytes(path: str) -> pa.NativeFile:
    """Opens a file as a stream of bytes, unzipped if it ends in `.gz`.

    Raises:
        InputError: it cannot be opened.
    """
    file_system, place = locate(path)
    compression = "gzip" if path.lower().endswith(".gz") else None
    try:
        return file_system.open_input_stream(place, compression=compression)
    except OSError as error:
        raise InputError(f"{path}: cannot be opened: {error}") from error


def _blocks(path: str) -> Iterator[bytes]:
    with open_bytes(path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            yield block


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    if block.isascii() and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _mended_copy(path: str) -> Iterator[pa.NativeFile]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        for block in _blocks(path):
            copy.write(UNDECODED.sub(SUBSTITUTE, decoder.decode(block)).encode())
        rest = UNDECODED.sub(SUBSTITUTE, decoder.decode(b"", final=True))
        copy.write(f"{rest}\n{END_MARK}\n".encode())
        copy.flush()
        with fs.LocalFileSystem().open_input_stream(copy.name) as stream:
            yield stream
