import contextlib
import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest

from data.errors import InputError
from data.local_beam import local_pipeline
from pipeline.failures import (
    CommandFailedError,
    Terminated,
    disk_is_full,
    interruptible,
    told,
    told_in,
)


def fault_behind_another_error() -> None:
    try:
        raise InputError("price is text")
    except InputError as error:
        raise RuntimeError("while running Read") from error


def test_a_fault_of_the_input_is_found_behind_other_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="price is text"), told_in(tmp_path / "log"):
        fault_behind_another_error()


def test_any_other_error_names_the_log_and_leaves_its_traceback_there(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(CommandFailedError) as failure, told_in(tmp_path / "log"):
        raise KeyError("x")
    assert str(failure.value) == f"KeyError: 'x'\nThe whole story is in {tmp_path / 'log'}"
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_is_named_before_the_error(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(CommandFailedError) as failure, told_in(tmp_path / "log"):
        raise full
    assert str(failure.value).startswith(
        "no space left on the disk; free some, then run the same command again to go on.\nOSError: "
    )


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.EFBIG, os.strerror(errno.EFBIG)), True),
        (RuntimeError("checkpoint: No space left on device"), True),
        (RuntimeError("database or disk is full"), True),
        (OSError(errno.ENOENT, os.strerror(errno.ENOENT)), False),
        (RuntimeError("the basket is full"), False),
    ],
)
def test_a_disk_is_full_by_number_or_by_words(error: Exception, full: bool) -> None:
    behind = RuntimeError("while running Write")
    behind.__cause__ = error
    assert disk_is_full(behind) == full


def test_an_interrupt_within_beam_stays_one() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as stop, interruptible(), local_pipeline() as pipeline:
        _ = pipeline | beam.Create([signal.SIGINT.value]) | beam.Map(signal.raise_signal)
    assert told(stop.value).startswith("interrupted")
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_without_an_interrupt_stays_what_it_is() -> None:
    fails = pytest.raises(ValueError, match="invalid literal")
    with fails, interruptible(), local_pipeline() as pipeline:
        _ = pipeline | beam.Create(["one"]) | beam.Map(int)


@contextlib.contextmanager
def failing_in_words() -> Iterator[None]:
    """As a library does that makes an error of its own of an interrupt."""
    try:
        yield
    except KeyboardInterrupt:
        raise RuntimeError("the step failed") from None


def test_sigterm_is_an_interrupt_too() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated) as stop, interruptible(), failing_in_words():
        signal.raise_signal(signal.SIGTERM)
    assert told(stop.value) == "ended by SIGTERM; the same command goes on"
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_answer_to_sigterm_of_the_program_around_stays() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        with interruptible():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]
