"""A benchmark as a command."""

import sys
from collections.abc import Callable

from data.errors import InputError
from data.terminal_text import printable

# As a shell reports a program that an interrupt has ended.
_STOPPED = 130


def run_command(main: Callable[[], None]) -> None:
    """Runs a benchmark; wrong input ends it with one message and exit code 1, Ctrl-C with 130.

    Args:
        main: the benchmark.
    """
    try:
        main()
    except InputError as error:
        sys.exit(f"benchmarks: {printable(str(error))}")
    except KeyboardInterrupt:
        print("benchmarks: stopped", file=sys.stderr)
        sys.exit(_STOPPED)
