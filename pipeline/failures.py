"""What a person is told when a command fails."""

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

from data.errors import InputError


class CommandFailedError(RuntimeError):
    """A command ended in an error that is not the user's; the log tells the whole story."""


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
        traceback.print_exc()
        fault = input_fault(error)
        if fault is not None:
            raise fault from None
        message = f"{type(error).__name__}: {error}\nThe whole story is in {log}"
        raise CommandFailedError(message) from error


def input_fault(error: BaseException | None) -> InputError | None:
    """The fault of the input behind an error, through the layers of Beam and TFX."""
    while error is not None:
        if isinstance(error, InputError):
            return error
        error = error.__cause__ or error.__context__
    return None
