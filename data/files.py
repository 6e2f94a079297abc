"""Files on a disk or in an object store: names that are never patterns, and content that is whole.

A remote place is a URI such as `gs://bucket/folder`; TensorFlow's file systems reach it.
"""

import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import InputError

# TFX's own components look for their input by patterns below the pipeline root.
_PATTERN = re.compile(r"[*?\[\\]")


def below(folder: str, *names: str) -> str:
    """The path of a name in a folder; pathlib would make `gs:/bucket` of `gs://bucket`.

    Args:
        folder: path or URI.
        *names: names of folders and of a file, each in the one before it.

    Returns:
        Path or URI.
    """
    return "/".join([folder.rstrip("/"), *names])


def expanded(path: str) -> str:
    """A path with the home folder in place of a leading `~` or `~name`.

    Args:
        path: path or URI.

    Returns:
        The path; all others as they are.

    Raises:
        InputError: there is no such home.
    """
    if not path.startswith("~"):
        return path
    try:
        return str(Path(path).expanduser())
    except RuntimeError:
        home = path.split("/", 1)[0]
        raise InputError(
            f"{path}: expected a home folder, found none for {home}; ./{path} is a folder here"
        ) from None


def local_path(text: str) -> Path:
    """A path on this machine, `~` expanded, as options of commands are read."""
    return Path(expanded(text))


def check_plain(path: str, option: str) -> None:
    """Refuses an output folder whose name TFX's components would take for a pattern.

    Args:
        path: path or URI.
        option: what named it, for the message.

    Raises:
        InputError: the name holds `*`, `?`, `[` or a backslash.
    """
    if found := _PATTERN.search(path):
        raise InputError(
            f"{option}: expected a folder without * ? [ and \\ in its path, which TFX takes for a "
            f"pattern; found {found[0]!r} in {path}"
        )


@contextmanager
def plain(folder: str) -> Iterator[str]:
    """Another path of a folder whose own one TensorFlow would take for a pattern.

    Args:
        folder: path or URI.

    Yields:
        The path of a link to it; the folder's own where that is no pattern.
    """
    if "://" in folder or not _PATTERN.search(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="seqmd-") as place:
        link = Path(place) / "linked"
        link.symlink_to(Path(folder).absolute(), target_is_directory=True)
        yield str(link)


def files_in(folder: str, start: str = "", end: str = "") -> list[str]:
    """The files of a folder, without those in folders below it.

    Args:
        folder: path or URI; it need not be there.
        start: how their names start.
        end: how their names end.

    Returns:
        Paths in ascending order, without names that begin with a dot.
    """
    if "://" not in folder:
        found = [path.name for path in Path(folder).glob("*") if path.is_file()]
    else:
        import tensorflow as tf

        names = tf.io.gfile.listdir(folder) if tf.io.gfile.isdir(folder) else []
        found = [name for name in names if not name.endswith("/")]
    named = (name for name in found if name.startswith(start) and name.endswith(end))
    return [below(folder, name) for name in sorted(named) if not name.startswith(".")]


@contextmanager
def whole_file(path: str | Path, aside: str | None = None) -> Iterator[str]:
    """Gives another path to write to, and renames it once it is written.

    No reader ever sees half of the file, and a writer that fails leaves what was there before.
    Several writers of one file do not meet: the last one stays.

    Args:
        path: the file, in a folder that is made where it is not there.
        aside: folder to write in meanwhile, on the same disk; the file's own by default.

    Yields:
        The path to write to.
    """
    place = str(path)
    folder, slash, _ = place.rpartition("/")
    partial = f"{aside or folder or (slash or '.')}/.{uuid.uuid4().hex}.partial"
    if "://" not in place:
        # Arrow takes a relative path with a space or a bracket for a URI.
        partial = str(Path(partial).absolute())
    with (_remote if "://" in place else _on_disk)(partial, place):
        yield partial


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Writes a file that appears only when it is whole; see `whole_file`.

    Args:
        path: the file, local or remote.
        content: what to write; of text, what UTF-8 does not know becomes a question mark.
    """
    data = content if isinstance(content, bytes) else content.encode(errors="replace")
    with whole_file(path) as partial:
        if "://" not in partial:
            Path(partial).write_bytes(data)
            return
        import tensorflow as tf

        with tf.io.gfile.GFile(partial, "wb") as file:
            file.write(data)


def sync(path: Path) -> None:
    """Waits until a file or folder is on the disk: a loss of power may keep a rename alone."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _on_disk(partial: str, place: str) -> Iterator[None]:
    Path(partial).parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
        sync(Path(partial))
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        Path(partial).replace(place)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


@contextmanager
def _remote(partial: str, place: str) -> Iterator[None]:
    import tensorflow as tf

    tf.io.gfile.makedirs(partial.rpartition("/")[0])
    try:
        yield
        tf.io.gfile.makedirs(place.rpartition("/")[0])
        tf.io.gfile.rename(partial, place, overwrite=True)
    except BaseException:
        if tf.io.gfile.exists(partial):
            tf.io.gfile.remove(partial)
        raise
