"""Work in laboratories: in this process, or in several."""

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import Any, Protocol, TypeVar


class CanBeClosed(Protocol):
    """What each process has for its work, such as a `Laboratory`."""

    def close(self) -> None:
        """Frees what it holds."""


State = TypeVar("State", bound=CanBeClosed)
Result = TypeVar("Result")

_laboratory: Any = None


def in_laboratories(
    make_laboratory: Callable[[], State],
    work: Sequence[Callable[[State], Result]],
    jobs: int,
) -> Iterator[Result]:
    """Does pieces of work, some at a time.

    Args:
        make_laboratory: makes the laboratory of a process.
        work: functions of a laboratory. For several processes all functions can be pickled.
        jobs: processes; 1 works in this one.

    Yields:
        What each piece of work returns, in its order.
    """
    if jobs == 1:
        yield from _in_this_process(make_laboratory, work)
        return
    # TensorFlow does not survive a fork.
    context = get_context("spawn")
    threads = max(1, (os.cpu_count() or 1) // jobs)
    with ProcessPoolExecutor(jobs, context, _start, (make_laboratory, threads)) as pool:
        try:
            yield from pool.map(_do, work)
        except BaseException:
            # The pool would first wait for what has been begun, for hours maybe.
            for process in active_children():
                process.terminate()
            raise


def _in_this_process(
    make_laboratory: Callable[[], State], work: Sequence[Callable[[State], Result]]
) -> Iterator[Result]:
    level = logging.getLogger().level
    _quieten()
    laboratory = make_laboratory()
    try:
        for one in work:
            yield one(laboratory)
    finally:
        laboratory.close()
        logging.getLogger().setLevel(level)


def _quieten() -> None:
    """Beam's advice on its own type hints, would bury the trainings that have ended."""
    logging.getLogger().setLevel(logging.ERROR)


def _start(make_laboratory: Callable[[], CanBeClosed], threads: int) -> None:
    global _laboratory
    # The command itself hears of an interrupt, and ends its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    Thread(target=_end_with_parent, daemon=True).start()
    _quieten()
    # Processes that share the cores lose time if each has a thread for every core.
    # TensorFlow reads these at its first operation, and need not be loaded for it here.
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    _laboratory = make_laboratory()


def _end_with_parent() -> None:
    """A process whose parent was killed would train on, and then wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        _end()


def _end(*_: object) -> None:
    try:
        if _laboratory is not None:
            _laboratory.close()
    finally:
        os._exit(1)


def _do(work: Callable[[Any], Result]) -> Result:
    return work(_laboratory)
