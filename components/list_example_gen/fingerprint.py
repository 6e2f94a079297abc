"""The fingerprint of input files: the same content is the same input, whatever its date."""

import hashlib
from collections.abc import Iterator, Sequence

from pyarrow.fs import FileInfo

from data.sources.storage import locate, open_file

# Up to this size in all, files are hashed whole, at about a gigabyte a second.
_HASHED_WHOLE = 4 << 30
_BLOCK = 4 << 20


def fingerprint(files: Sequence[str], hashed_whole: int = _HASHED_WHOLE) -> str:
    """Fingerprint of the files' paths, sizes and contents.

    Up to 4 GiB in all, every byte counts and dates do not, so that a file that was written again
    with the same content is the same input. Beyond that, each file counts with its size, its
    date, its first and its last 4 MiB (where Parquet keeps its statistics).

    Args:
        files: paths of the files; their order does not matter.
        hashed_whole: bytes up to which files are hashed whole.

    Returns:
        32 hexadecimal digits.
    """
    infos = {file: _info(file) for file in sorted(set(files))}
    whole = sum(info.size for info in infos.values()) <= hashed_whole
    digest = hashlib.blake2b(digest_size=16)
    for file, info in infos.items():
        date = "" if whole else info.mtime_ns
        digest.update(f"{file}\0{info.size}\0{date}\0".encode())
        for block in _blocks(file, info.size, whole):
            digest.update(block)
    return digest.hexdigest()


def _info(path: str) -> FileInfo:
    file_system, place = locate(path)
    return file_system.get_file_info(place)


def _blocks(path: str, size: int, whole: bool) -> Iterator[bytes]:
    starts = range(0, size, _BLOCK) if whole else (0, max(0, size - _BLOCK))
    with open_file(path) as file:
        for start in starts:
            file.seek(start)
            yield file.read(_BLOCK)
