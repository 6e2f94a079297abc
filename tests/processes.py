"""Other programs that tests start; none of them is waited for without end."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

# Seconds that no command of the tests takes, however busy the machine is. pytest itself ends a
# test later (`faulthandler_timeout`), and that says less.
LONGEST = 600
# Seconds in which a program that is aborted says what each of its threads was at.
_LAST_WORDS = 10


def run(
    words: Sequence[str | Path], *, check: bool = False, longest: float = LONGEST, **options: Any
) -> subprocess.CompletedProcess:
    """Runs a command to its end, as `subprocess.run` does, and keeps what it says.

    Args:
        words: of the command.
        check: whether a code other than 0 is an error.
        longest: seconds after which it is ended, with all that it has started.
        options: of `subprocess.Popen`.

    Raises:
        TimeoutError: it did not end; the message has the last of what it said.
        subprocess.CalledProcessError: its code is not 0, and that is checked.
    """
    texts = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    with subprocess.Popen(list(map(str, words)), start_new_session=True, **texts) as process:
        try:
            output, errors = process.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            said = "\n".join(text[-3000:] for text in _last_words(process) if text)
            late = f"{process.args}: no end after {longest} seconds; it said:\n{said}"
            raise TimeoutError(late) from None
        except BaseException:
            _signal_all(process, signal.SIGKILL)
            raise
    done = subprocess.CompletedProcess(process.args, process.returncode, output, errors)
    if check and done.returncode:
        raise subprocess.CalledProcessError(done.returncode, process.args, output, errors)
    return done


@contextlib.contextmanager
def killed_when_late(process: subprocess.Popen, longest: float = LONGEST) -> Iterator[None]:
    """Ends a process that has not ended within some seconds, so that waiting for it ends."""
    timers = [
        threading.Timer(longest, process.send_signal, [signal.SIGABRT]),
        threading.Timer(longest + _LAST_WORDS, process.kill),
    ]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()


def _last_words(process: subprocess.Popen) -> tuple[str | None, str | None]:
    # Not its children as well, whose words would stand between its own.
    process.send_signal(signal.SIGABRT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_WORDS)
    _signal_all(process, signal.SIGKILL)
    return process.communicate()


def _signal_all(process: subprocess.Popen, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
