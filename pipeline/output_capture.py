"""Sends what libraries print to a log file, so that the screen is left for the run."""

import contextlib
import io
import itertools
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TextIO

from data.errors import InputError
from pipeline.failures import interruptible, told_in, writing

# Logs a line for every Python type that Beam does not know.
_CHATTY = "apache_beam.typehints.native_type_compatibility"


def new_log(output: Path, option: str) -> Path:
    """A new file beside an output, for what the libraries print; nobody else's is touched.

    Args:
        output: a file or folder that is to be written.
        option: what named it, for the message.

    Raises:
        InputError: nothing can be written there.
    """
    with writing(option, output):
        output.parent.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            log = output.with_name(f"{output.name}{'' if number == 1 else f'.{number}'}.log")
            with contextlib.suppress(FileExistsError):
                log.touch(exist_ok=False)
                break
    return log


@contextlib.contextmanager
def log_for_errors(log: Path) -> Iterator[TextIO]:
    """Sends what libraries print to a log, which is kept for an error with a story alone.

    Args:
        log: a file of this command's own, empty.

    Yields:
        A stream that still writes to what standard output was.

    Raises:
        InputError: if a fault of the input is behind an error.
        CommandFailedError: on any other error; the log has the traceback.
    """
    try:
        with output_to(log) as screen, told_in(log), interruptible():
            yield screen
    except (InputError, KeyboardInterrupt):
        log.unlink(missing_ok=True)
        raise
    log.unlink()


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
    with writing("--output", log):
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("a")
    _flush(sys.stdout, sys.stderr)
    screen_descriptor, error_descriptor = os.dup(1), os.dup(2)
    with file, os.fdopen(os.dup(screen_descriptor), "w", errors="backslashreplace") as screen:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            with _logging_to_standard_error():
                yield screen
        finally:
            _flush(sys.stdout, sys.stderr, screen)
            os.dup2(screen_descriptor, 1)
            os.dup2(error_descriptor, 2)
            os.close(screen_descriptor)
            os.close(error_descriptor)


def prepare_tensorflow(told: int = 2) -> None:
    """Chooses Keras 2, and what TensorFlow prints; call it before anything imports TensorFlow.

    Args:
        told: the least level that is printed, unless the environment names one: 2 for errors, 3 for
            what ends the process.
    """
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", str(told))


def quiet_libraries() -> None:
    """Keeps lines out of the logs that nobody looks for."""
    logging.getLogger(_CHATTY).setLevel(logging.WARNING)


def silence(stream: IO[str]) -> None:
    """Sends a stream to nowhere, once nobody reads it any more, as after `seqmd ... | head`."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class StandardOutput(io.TextIOBase):
    """Standard output that goes to nowhere once nobody reads it any more, and the command goes on.

    Without a buffer (`PYTHONUNBUFFERED`), every `print` after `seqmd ... | head -1` would end it.

    Args:
        stream: the process's own.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes a text, as long as somebody reads."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            silence(self._stream)
            return len(text)

    def flush(self) -> None:
        """Passes on what is buffered, as long as somebody reads."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            silence(self._stream)

    def close(self) -> None:
        """Leaves the stream open, which is the process's: this is called when nobody holds this."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _flush(*streams: TextIO) -> None:
    for stream in streams:
        # A full disk has its own message by now, and of a closed pipe nobody reads any more.
        with contextlib.suppress(OSError):
            stream.flush()


@contextlib.contextmanager
def _logging_to_standard_error() -> Iterator[None]:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    quiet_libraries()
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        root.setLevel(level)
