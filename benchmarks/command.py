"""A benchmark as a command."""

import sys
from collections.abc import Callable

from data.errors import InputError
from data.printable import printable


def run_command(main: Callable[[], None]) -> None:
    """Runs a benchmark; wrong input ends it with one message and exit code 1.

    Args:
        main: the benchmark.
    """
    try:
        main()
    except InputError as error:
        sys.exit(f"benchmarks: {printable(str(error))}")
