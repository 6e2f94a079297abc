"""The lock of an output folder: one run at a time works in it."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from data.errors import InputError
from pipeline.failures import writing

# Seconds that another program, such as a backup, may hold ML Metadata's file at the start.
PATIENCE = 30.0


@contextlib.contextmanager
def locked_output(output: Path, metadata: Path) -> Iterator[None]:
    """Keeps other runs out of an output folder: they would write the same checkpoints.

    The system takes the lock back from a process that ends, however it ends.

    Args:
        output: the output folder, which exists.
        metadata: ML Metadata's SQLite file in it.

    Raises:
        InputError: another run is at work there, or another program holds the file.
    """
    with writing("--output", output):
        lock = (output / ".lock").open("a+")
    with lock:
        try:
            # Unlike flock's, this lock does not pass to child processes, which may live longer.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            lock.seek(0)
            raise InputError(
                f"--output: expected a folder that no run is at work in, found {output} in use by "
                f"the process {lock.read().strip()}: wait for its end, or give another folder"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        _check_writable(metadata)
        yield


def _check_writable(metadata: Path) -> None:
    if not metadata.exists():
        return
    with writing("--output", metadata):
        metadata.open("r+b").close()
    try:
        with contextlib.closing(
            sqlite3.connect(metadata, timeout=PATIENCE, isolation_level=None)
        ) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        found = str(error)
        if "locked" in found:
            found = (
                f"it locked by another program for {PATIENCE:g} seconds; end that program, then "
                "run the same command again"
            )
        raise InputError(f"--output: expected to write {metadata}, found {found}") from None
