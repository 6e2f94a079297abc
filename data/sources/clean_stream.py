"""The bytes of a CSV file, made safe for the parser."""

import codecs
import io
import re
import threading

import pyarrow as pa

# The ASCII control character "substitute": as wide as the byte that it stands for.
SUBSTITUTE = "\x1a"

# A last row of its own, of one column. A parser that does not report it stands inside a quote.
END_MARK = "\x1aend of file\x1a"

_UNDECODED = re.compile("[\udc80-\udcff]")
# A block grows by an incomplete character of the block before, and by the end mark.
_END = f"\n{END_MARK}\n".encode()
_GROWTH = 3 + len(_END)


class CleanStream(io.RawIOBase):
    """Reads UTF-8, puts `SUBSTITUTE` in the place of bytes that are none, and adds `END_MARK`.

    Attributes:
        replaced: whether bytes were replaced so far.
        lines: lines read so far, whether or not the last one ends in a line break.
    """

    def __init__(self, source: pa.NativeFile) -> None:
        super().__init__()
        self.replaced = False
        self.lines = 0
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._carrying = False
        self._block: bytes | None = None
        self._ended = False
        # pyarrow reads ahead in a thread of its own.
        self._lock = threading.Lock()

    def readable(self) -> bool:
        """Whether bytes can be read: always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        with self._lock:
            return b"" if self._ended else self._next(size)

    def stop(self) -> None:
        """Ends the stream, so that its source can be closed under a reader that reads ahead."""
        with self._lock:
            self._ended = True
            self._block = b""

    def _next(self, size: int) -> bytes:
        wanted = None if size < 0 else max(size - _GROWTH, 1)
        block = self._source.read(wanted) if self._block is None else self._block
        self._block = self._source.read(wanted)
        self._ended = not self._block
        self.lines += block.count(b"\n") + (self._ended and block[-1:] not in (b"\n", b""))
        return self._clean(block) + (_END if self._ended else b"")

    def _clean(self, block: bytes) -> bytes:
        if block.isascii() and not self._carrying:
            return block
        text = self._decoder.decode(block, self._ended)
        self._carrying = bool(self._decoder.getstate()[0])
        text, replaced = _UNDECODED.subn(SUBSTITUTE, text)
        self.replaced |= replaced > 0
        return text.encode()
