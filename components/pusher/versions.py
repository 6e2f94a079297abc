"""A folder of versions of a model, as TF Serving watches it, in which no version is ever half."""

import logging
import os
import re
import time
from pathlib import Path

from tfx.dsl.io import fileio
from tfx.utils import io_utils

from components.pusher.layout import WITHDRAWN
from data.files import below

_PARTIAL = re.compile(r"\.\d+\.partial")
# Its presence is what tells servers and commands that a version can be loaded.
_MARK = "saved_model.pb"
_LOGGER = logging.getLogger("seqmd.nodes")


def push(model: str, folder: str) -> int:
    """Copies a model into a folder of versions, as the highest one.

    A model that is the highest version already is not copied again: a push was killed before
    ML Metadata heard of it.

    Args:
        model: a SavedModel.
        folder: the versions; it need not be there.

    Returns:
        The version: the time in seconds, but above all that are there or were withdrawn.
    """
    fileio.makedirs(folder)
    _clear_partial(folder)
    newest = max(_numbers(folder), default=0)
    if newest and _same(model, below(folder, str(newest))):
        _LOGGER.info("%s is version %d already", model, newest)
        return newest
    above = max([newest, *_numbers(below(folder, WITHDRAWN))])
    version = max(int(time.time()), above + 1)
    place_whole(model, below(folder, str(version)))
    return version


def place_whole(source: str, version: str) -> None:
    """Copies a model to a place where it appears only when it is whole.

    Args:
        source: the model.
        version: its new folder, on a disk or in an object store, which knows no rename of
            folders: there the file `saved_model.pb`, without which nothing loads it, comes last.
    """
    if "://" in version:
        io_utils.copy_dir(source, version, deny_regex_patterns=[re.escape(_MARK)])
        io_utils.copy_file(below(source, _MARK), below(version, _MARK))
        return
    place = Path(version)
    partial = place.with_name(f".{place.name}.partial")
    io_utils.copy_dir(source, str(partial))
    _to_disk(partial)
    partial.rename(place)


def _to_disk(folder: Path) -> None:
    """A rename may outlive a loss of power that the files' contents do not."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _clear_partial(folder: str) -> None:
    for name in fileio.listdir(folder):
        if _PARTIAL.fullmatch(name.rstrip("/")):
            fileio.rmtree(below(folder, name))


def _numbers(folder: str) -> list[int]:
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
