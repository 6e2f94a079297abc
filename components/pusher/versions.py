"""A folder of versions of a model, as TF Serving watches it, in which no version is ever half."""

import errno
import fcntl
import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tfx.dsl.io import fileio
from tfx.utils import io_utils

from data.artifacts.model_folder import WITHDRAWN
from data.files import below, sync

_PARTIAL = re.compile(r"\.[0-9a-f]+\.partial")
# Its presence is what tells servers and commands that a version can be loaded.
_MARK = "saved_model.pb"
_LOGGER = logging.getLogger("seqmd.nodes")


def push(model: str, folder: str) -> int:
    """Copies a model into a folder of versions, as the highest one.

    A model that is the highest version already is not copied again: a push was killed before
    ML Metadata heard of it. Several pushes at once into a folder on a disk get a number each; an
    object store, which knows no rename, takes one push at a time.

    Args:
        model: a SavedModel.
        folder: the versions; it need not be there.

    Returns:
        The version: the time in seconds, but above all that are there or were withdrawn.
    """
    fileio.makedirs(folder)
    newest = max(version_numbers(folder), default=0)
    if newest and _same(model, below(folder, str(newest))):
        _LOGGER.info("%s is version %d already", model, newest)
        return newest
    if "://" in folder:
        version = _next(folder)
        place_whole(model, below(folder, str(version)))
        return version
    _clear_partial(Path(folder))
    with _copied(model, Path(folder)) as partial:
        while not _renamed(partial, Path(folder, str(version := _next(folder)))):
            _LOGGER.info("another push took version %d", version)
    return version


def place_whole(source: str, version: str) -> None:
    """Copies a model to a place where it appears only when it is whole.

    Args:
        source: the model.
        version: its new folder, on a disk or in an object store, which knows no rename of
            folders: there the file `saved_model.pb`, without which nothing loads it, comes last.
            A version that another process has placed there meanwhile stays.
    """
    if "://" in version:
        io_utils.copy_dir(source, version, deny_regex_patterns=[re.escape(_MARK)])
        io_utils.copy_file(below(source, _MARK), below(version, _MARK))
        return
    place = Path(version)
    with _copied(source, place.parent) as partial:
        _renamed(partial, place)


def _next(folder: str) -> int:
    taken = [*version_numbers(folder), *version_numbers(below(folder, WITHDRAWN))]
    return max(int(time.time()), 1 + max(taken, default=0))


def _renamed(partial: Path, version: Path) -> bool:
    """Gives a copy its name, unless a version has it: the system decides who is first."""
    try:
        partial.rename(version)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        return False
    return True


@contextmanager
def _copied(model: str, folder: Path) -> Iterator[Path]:
    """A copy of a model in a locked folder of its own, which goes in the end."""
    own = folder / f".{uuid.uuid4().hex}.partial"
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        with _locked(folder, fcntl.LOCK_EX):
            own.mkdir()
            held.enter_context(_locked(own, fcntl.LOCK_EX))
        copy = own / "model"
        try:
            io_utils.copy_dir(model, str(copy))
            for path in [*copy.rglob("*"), copy]:
                sync(path)
            yield copy
        except Exception:
            shutil.rmtree(own, ignore_errors=True)
            raise
        shutil.rmtree(own, ignore_errors=True)


@contextmanager
def _locked(folder: Path, operation: int) -> Iterator[bool]:
    """Holds the lock of a folder, as a process does that is at work in it.

    Args:
        folder: the folder.
        operation: of `flock`.

    Yields:
        Whether the lock was free. The system takes it back from a process that is killed; a disk
        without such locks says that it was not free.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, operation)
        free = True
    except OSError:
        free = False
    try:
        yield free
    finally:
        os.close(descriptor)


def _clear_partial(folder: Path) -> None:
    """Deletes the copies of pushes that were killed."""
    with _locked(folder, fcntl.LOCK_EX):
        for path in [path for path in folder.iterdir() if _PARTIAL.fullmatch(path.name)]:
            with suppress(FileNotFoundError), _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB) as free:
                if free:
                    shutil.rmtree(path)


def served_version(folder: str) -> int | None:
    """The version that TF Serving takes: the highest whole one; None where there is none.

    Args:
        folder: the versions; it need not be there.
    """
    whole = (
        number
        for number in sorted(version_numbers(folder), reverse=True)
        if fileio.exists(below(folder, f"{number}/{_MARK}"))
    )
    return next(whole, None)


def version_numbers(folder: str) -> list[int]:
    """The numbers of the versions in a folder, in no order; of unfinished ones too."""
    names = fileio.listdir(folder) if fileio.exists(folder) else []
    names = [name.rstrip("/") for name in names]
    # Digits of other scripts are numbers to Python, and none to TF Serving.
    return [int(name) for name in names if name.isascii() and name.isdecimal()]


def _same(model: str, version: str) -> bool:
    files = _files(model)
    return files == _files(version) and all(
        _content(below(model, name)) == _content(below(version, name)) for name in sorted(files)
    )


def _files(folder: str) -> set[str]:
    return {
        below(parent, name).removeprefix(folder).lstrip("/")
        for parent, _, names in fileio.walk(folder)
        for name in names
    }


def _content(path: str) -> bytes:
    with fileio.open(path, "rb") as file:
        return file.read()
