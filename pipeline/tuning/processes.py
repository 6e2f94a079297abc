"""Pieces of work, such as trainings: in this process, or in several."""

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import Any, Protocol, TypeVar


class CanBeClosed(Protocol):
    """What each process has for its work, such as lists that are read once."""

    def close(self) -> None:
        """Frees what it holds."""


State = TypeVar("State", bound=CanBeClosed)
Result = TypeVar("Result")

_state: Any = None


def done_in_processes(
    make_state: Callable[[], State],
    work: Sequence[Callable[[State], Result]],
    jobs: int,
) -> Iterator[tuple[int, Result]]:
    """Does pieces of work, some at a time.

    Args:
        make_state: makes what a process has for all its work.
        work: functions of it. For several processes all functions can be pickled.
        jobs: processes; 1 works in this one.

    Yields:
        The place of a piece of work, from 0, and what it returned, as soon as it is done.
    """
    if jobs == 1:
        yield from _in_this_process(make_state, work)
        return
    # TensorFlow does not survive a fork.
    context = get_context("spawn")
    threads = max(1, (os.cpu_count() or 1) // jobs)
    with ProcessPoolExecutor(jobs, context, _start, (make_state, threads)) as pool:
        try:
            places = {pool.submit(_do, one): place for place, one in enumerate(work)}
            for done in as_completed(places):
                yield places[done], done.result()
        except BaseException:
            # The pool would first wait for what has been begun, for hours maybe.
            for process in active_children():
                process.terminate()
            raise


def _in_this_process(
    make_state: Callable[[], State], work: Sequence[Callable[[State], Result]]
) -> Iterator[tuple[int, Result]]:
    level = logging.getLogger().level
    _quieten()
    state = make_state()
    try:
        for place, one in enumerate(work):
            yield place, one(state)
    finally:
        state.close()
        logging.getLogger().setLevel(level)


def _quieten() -> None:
    """Beam's advice on its own type hints, would bury the trainings that have ended."""
    logging.getLogger().setLevel(logging.ERROR)


def _start(make_state: Callable[[], CanBeClosed], threads: int) -> None:
    global _state
    # The command itself hears of an interrupt, and ends its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    Thread(target=_end_with_parent, daemon=True).start()
    _quieten()
    # Processes that share the cores lose time if each has a thread for every core.
    # TensorFlow reads these at its first operation, and need not be loaded for it here.
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    _state = make_state()


def _end_with_parent() -> None:
    """A process whose parent was killed would train on, and then wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        _end()


def _end(*_: object) -> None:
    try:
        if _state is not None:
            _state.close()
    finally:
        os._exit(1)


def _do(work: Callable[[Any], Result]) -> Result:
    return work(_state)
