"""What a person is told when a command fails."""

import contextlib
import errno
import os
import signal
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from data.errors import InputError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# TensorFlow, Beam and SQLite pass on words alone.
_FULL_IN_WORDS = (*map(os.strerror, _FULL), "disk is full")


# How TensorFlow's file system numbers the same.
_DENIED_BY_TENSORFLOW, _NOT_POSSIBLE_BY_TENSORFLOW = 7, 9


class CommandFailedError(RuntimeError):
    """A command failed for a reason other than its input; the log has the traceback."""


class Terminated(KeyboardInterrupt):
    """SIGTERM has ended a command."""


@contextlib.contextmanager
def told_in(log: Path) -> Iterator[None]:
    """Turns any error into one message for the screen, with its traceback in a log.

    Args:
        log: the file that standard error goes to.

    Raises:
        InputError: if a fault of the input is behind the error.
        CommandFailedError: else.
    """
    try:
        yield
    except Exception as error:
        # On a full disk the log takes nothing either.
        with contextlib.suppress(OSError):
            traceback.print_exc()
        fault = input_fault(error)
        if fault is not None:
            raise fault from None
        message = f"{told(error)}\nThe whole story is in {log}"
        if disk_is_full(error):
            advice = "free some, then run the same command again to go on"
            message = f"no space left on the disk; {advice}.\n{message}"
        raise CommandFailedError(message) from error


@contextlib.contextmanager
def writing(option: str, place: Path | str) -> Iterator[None]:
    """Names the option behind a place that cannot be written.

    Args:
        option: what named the place.
        place: a file or folder that is written within.

    Raises:
        InputError: the system refuses to write there, for another reason than a full disk.
    """
    try:
        yield
    except Exception as error:
        refused = isinstance(error, OSError) or getattr(error, "error_code", None) in (
            _DENIED_BY_TENSORFLOW,
            _NOT_POSSIBLE_BY_TENSORFLOW,
        )
        if not refused or disk_is_full(error):
            raise
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{option}: expected a place to write to, found {place}: {why}") from error


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """An interrupt stays one, also where Beam or TensorFlow makes an error of their own of it.

    SIGTERM, by which schedulers end a process, is one as well, where the program around has no
    answer of its own to it.

    Raises:
        KeyboardInterrupt: the process was interrupted, whatever error that has led to; a
            `Terminated` by SIGTERM.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[type[KeyboardInterrupt]] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        heard.append(Terminated if number == signal.SIGTERM else KeyboardInterrupt)
        raise heard[-1]

    numbers = [signal.SIGINT]
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        numbers.append(signal.SIGTERM)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    except Exception as error:
        if heard:
            raise heard[-1] from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def told(error: BaseException) -> str:
    """An error in one line, as reports and summaries have it."""
    if isinstance(error, KeyboardInterrupt):
        how = "ended by SIGTERM" if isinstance(error, Terminated) else "interrupted"
        return f"{how}; the same command goes on"
    return f"{type(error).__name__}: {error}"


def input_fault(error: BaseException) -> InputError | None:
    """The fault of the input behind an error, through the layers of Beam and TFX."""
    return next((one for one in _chain(error) if isinstance(one, InputError)), None)


def disk_is_full(error: BaseException) -> bool:
    """Whether a disk without space, a quota or a limit on files is behind an error."""
    return any(
        getattr(one, "errno", None) in _FULL or any(words in str(one) for words in _FULL_IN_WORDS)
        for one in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
