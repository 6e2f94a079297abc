"""Work in laboratories, each in a process of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from benchmarks.reproduction.laboratory import Laboratory

Result = TypeVar("Result")

_laboratory: Laboratory


def in_laboratories(
    make_laboratory: Callable[[], Laboratory],
    work: Sequence[Callable[[Laboratory], Result]],
    jobs: int,
) -> Iterator[Result]:
    """Does pieces of work, some at a time.

    Args:
        make_laboratory: makes the laboratory in each process.
        work: functions of a laboratory. All functions can be pickled.
        jobs: processes.

    Yields:
        What each piece of work returns, in its order.
    """
    # TensorFlow does not survive a fork.
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start, (make_laboratory,)) as pool:
        yield from pool.map(_do, work)


def _start(make_laboratory: Callable[[], Laboratory]) -> None:
    global _laboratory
    _laboratory = make_laboratory()


def _do(work: Callable[[Laboratory], Result]) -> Result:
    return work(_laboratory)
