"""Work in laboratories: in this process, or in several."""

from collections.abc import Callable, Iterator, Sequence

from pipeline.tuning.processes import Result, State, done_in_processes


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
    done: dict[int, Result] = {}
    told = 0
    for place, result in done_in_processes(make_laboratory, work, jobs):
        done[place] = result
        while told in done:
            yield done.pop(told)
            told += 1
