"""Files on disk or in object stores, found by path, glob or folder."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

from data.errors import InputError

_GLOB = re.compile(r"[*?\[]")


def locate(path: str) -> tuple[fs.FileSystem, str]:
    """The file system of a path such as `logs/a.csv` or `s3://bucket/logs`, and the path in it.

    Raises:
        InputError: the file system is unknown or cannot be reached.
    """
    if "://" not in path:
        return fs.LocalFileSystem(), str(Path(path).expanduser())
    try:
        return fs.FileSystem.from_uri(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be reached: {error}") from error


def open_file(path: str) -> pa.NativeFile:
    """Opens a file for reading at any place.

    Raises:
        InputError: it cannot be opened.
    """
    file_system, place = locate(path)
    try:
        return file_system.open_input_file(place)
    except OSError as error:
        raise InputError(f"{path}: cannot be opened: {error}") from error


def find_files(patterns: Sequence[str], endings: Sequence[str]) -> list[str]:
    """Files that match any of the patterns, in ascending order; see `files_below`."""
    return list(files_below(patterns, endings))


def files_below(patterns: Sequence[str], endings: Sequence[str]) -> dict[str, str]:
    """Files that match any of the patterns, and where they lie below it.

    Args:
        patterns: paths, globs (`*`, `?`, `[ab]`, `**` for any depth) and folders; a folder means
            all its files at any depth. What is there under the very name is no glob. Names that
            begin with `.` or `_` are passed over.
        endings: endings of the files that can be read, such as `.csv`.

    Returns:
        By path, in ascending order, the part of it below the folder, or below the folder that a
        glob begins with; empty for a file that is named itself. A file that several paths lead
        to stands there once, under the path without links where there is one; where several
        patterns match it, the longest part counts.

    Raises:
        InputError: a pattern matches no file, or none with such an ending.
    """
    found: dict[str, str] = {}
    for pattern in patterns:
        matches = _looked_up(pattern)
        readable = [path for path in matches if path.lower().endswith(tuple(endings))]
        if not readable:
            seen = f"only {next(iter(matches))}" if matches else "no file"
            kinds = ", ".join(endings)
            raise InputError(f"input {pattern!r}: expected files that end in {kinds}, found {seen}")
        for path in readable:
            found[path] = max(matches[path], found.get(path, ""), key=len)
    places: dict[str, str] = {}
    for path in sorted(found, key=lambda path: (_is_link(path), path)):
        places.setdefault(real_place(path), path)
    return {path: found[path] for path in sorted(places.values())}


def real_place(path: str) -> str:
    """Where a file lies, without links and detours; a remote path as it is."""
    file_system, place = locate(path)
    return str(Path(place).resolve()) if isinstance(file_system, fs.LocalFileSystem) else path


def _is_link(path: str) -> bool:
    """Whether there is a link, or a detour such as `..`, on the way to a local file."""
    file_system, place = locate(path)
    local = isinstance(file_system, fs.LocalFileSystem)
    return local and Path(place).resolve() != Path(place).absolute()


def _looked_up(pattern: str) -> dict[str, str]:
    try:
        return _matches(pattern)
    except UnicodeDecodeError as error:
        raise InputError(
            f"input {pattern!r}: expected files with names in UTF-8, found {error.object!r}"
        ) from error
    # A name that is too long, holds a null byte or may not be read.
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"input {pattern!r:.200}: cannot be looked up: {error!s:.400}") from error


def _matches(pattern: str) -> dict[str, str]:
    """Files of any ending that a path, glob or folder means, and their parts below it."""
    glob = _GLOB.search(pattern)
    if not glob or _is_there(pattern):
        file_system, place = locate(pattern)
        return _join(pattern, _files(file_system, place))
    cut = pattern.rfind("/", 0, glob.start())
    base, rest = pattern[: cut + 1], pattern[cut + 1 :]
    file_system, place = locate(base or ".")
    return _join(base, _expand(file_system, place, rest.strip("/").split("/")))


def _is_there(path: str) -> bool:
    file_system, place = locate(path)
    return file_system.get_file_info(place).type in (fs.FileType.File, fs.FileType.Directory)


def _join(base: str, relative: Iterator[str]) -> dict[str, str]:
    """Relative paths by path as the user began it; an empty one is the base itself."""
    head = base.rstrip("/") + "/" if base else ""
    return {head + path if path else base: path for path in relative}


def _expand(file_system: fs.FileSystem, root: str, parts: list[str]) -> Iterator[str]:
    """Paths, relative to the root, of the files that the parts of a glob match.

    A part that is the whole name of something there means that alone.
    """
    if not parts:
        yield from _files(file_system, root)
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _expand(file_system, root, rest)
    entries = _entries(file_system, root)
    for info in [info for info in entries if info.base_name == part] or entries:
        deeper = info.type == fs.FileType.Directory and part == "**"
        if not deeper and info.base_name != part and not fnmatchcase(info.base_name, part):
            continue
        for path in _expand(file_system, info.path, parts if deeper else rest):
            yield f"{info.base_name}/{path}".rstrip("/")


def _files(file_system: fs.FileSystem, root: str) -> Iterator[str]:
    """Relative paths of the files in a folder at any depth; "" for a root that is a file."""
    if file_system.get_file_info(root).type == fs.FileType.File:
        yield ""
        return
    for info in _entries(file_system, root):
        for path in _files(file_system, info.path):
            yield f"{info.base_name}/{path}".rstrip("/")


def _entries(file_system: fs.FileSystem, root: str) -> list[fs.FileInfo]:
    """What lies in a folder; nothing where there is no folder.

    A link to a folder that it lies in is passed over: its files are read already.
    """
    if file_system.get_file_info(root).type != fs.FileType.Directory:
        return []
    infos = file_system.get_file_info(fs.FileSelector(root))
    named = [info for info in infos if not info.base_name.startswith((".", "_"))]
    if not isinstance(file_system, fs.LocalFileSystem):
        return named
    return [info for info in named if not _leads_back(Path(info.path))]


def _leads_back(path: Path) -> bool:
    return path.is_symlink() and path.resolve() in {
        folder.resolve() for folder in path.absolute().parents
    }
