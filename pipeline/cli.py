"""The command `seqmd`."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from data.errors import InputError
from data.printable import printable
from pipeline.commands import add_commands
from pipeline.failures import CommandFailedError
from pipeline.output_capture import silence

EXIT_BLESSED, EXIT_ERROR, EXIT_NOT_BLESSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: the words after `seqmd`; those of the process by default.

    Returns:
        The exit code: 0 for success (a run that was blessed), 2 for a run that was not blessed,
        1 for an error.
    """
    options = parser().parse_args(arguments)
    code = EXIT_ERROR
    try:
        code = options.command(options)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except (InputError, CommandFailedError, OSError) as error:
        print(f"seqmd: {printable(str(error))}", file=sys.stderr)
    except KeyboardInterrupt:
        print("seqmd: interrupted; run the same command again to go on.", file=sys.stderr)
    return code


class CommandParser(argparse.ArgumentParser):
    """Ends with 1 on a wrong option, since 2 means that a model was not blessed."""

    def error(self, message: str) -> NoReturn:
        """Says how the command is used, and what is wrong."""
        self.print_usage(sys.stderr)
        self.exit(EXIT_ERROR, f"seqmd: {printable(message)}\n")


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = CommandParser(
        prog="seqmd",
        description="Ranks search results for several ordered actions in several regions.",
    )
    top.add_argument(
        "--version",
        action="version",
        version=" ".join(f"{name} {version(name)}" for name in ("seqmd", "tfx", "tensorflow")),
    )
    add_commands(top.add_subparsers(required=True, metavar="COMMAND"))
    return top


if __name__ == "__main__":
    sys.exit(main())
