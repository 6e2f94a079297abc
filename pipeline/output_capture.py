"""Sends what libraries print to a log file and keeps the screen for us."""

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from data.errors import InputError


@contextlib.contextmanager
def output_to(log: Path) -> Iterator[TextIO]:
    """Redirects standard output and error, of C++ code too, to a file.

    Args:
        log: the file that takes everything; it is appended to.

    Yields:
        A stream that still writes to what standard output was.

    Raises:
        InputError: the file cannot be written where it should be.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("a")
    except OSError as error:
        raise InputError(f"--output: expected a place to write {log.name} to: {error}") from error
    sys.stdout.flush()
    sys.stderr.flush()
    screen_descriptor, error_descriptor = os.dup(1), os.dup(2)
    with file, os.fdopen(os.dup(screen_descriptor), "w", errors="backslashreplace") as screen:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            with _logging_to_standard_error():
                yield screen
        finally:
            for stream in (sys.stdout, sys.stderr, screen):
                # A full disk has its own message by now.
                with contextlib.suppress(OSError):
                    stream.flush()
            os.dup2(screen_descriptor, 1)
            os.dup2(error_descriptor, 2)
            os.close(screen_descriptor)
            os.close(error_descriptor)


@contextlib.contextmanager
def _logging_to_standard_error() -> Iterator[None]:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        root.setLevel(level)
