"""The command `seqmd`."""

import argparse
import gc
import re
import sys
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from importlib.metadata import version
from inspect import cleandoc
from typing import Any, NoReturn

from data.errors import InputError
from data.similar_names import did_you_mean
from data.terminal_text import printable
from pipeline.failures import CommandFailedError, Terminated
from pipeline.output_capture import StandardOutput

EXIT_BLESSED, EXIT_ERROR, EXIT_NOT_BLESSED = 0, 1, 2
# As shells report a program that SIGTERM has ended.
EXIT_TERMINATED = 143

# Each is a module of `pipeline.commands`, whose docstring is the command's description.
COMMANDS = {
    "run": "train, evaluate and push a ranker",
    "tune": "search the settings that rank your logs best",
    "score": "score logs with a pushed ranker",
    "explain": "say why one item stands above another",
    "report": "write the page of a run again, or compare two runs",
    "add-task": "give a pushed ranker one task more",
    "rollback": "serve an earlier version of a pushed ranker",
    "export": "write a pushed ranker as ONNX",
    "init": "write a first definition of your own logs",
    "fill-attributes": "fill attributes that listings leave empty",
    "draft": "draft descriptions of listings",
    "simulate": "write logs of a simulated marketplace",
    "kubeflow": "write the pipeline for Kubeflow Pipelines 2",
    "train-worker": "train with a run that several processes share",
    "metadata-server": "serve ML Metadata to nodes on several machines",
}
DESCRIPTION = "Ranks search results for several ordered actions in several regions."
EPILOG = """\
First steps:
  seqmd run                                               everything, on simulated logs
  seqmd init --input LOGS --output shop.yaml              a first definition of your own
  seqmd run --dataset shop.yaml --input LOGS              a ranker of them
  seqmd score --model DIR --input LOGS --output FILE      its scores

`seqmd COMMAND --help` tells more. Exit codes: 0 done (and, of a run, blessed), 1 an error,
2 a run whose model was not blessed, 143 ended by SIGTERM.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: the words after `seqmd`; those of the process by default.

    Returns:
        The exit code: 0 for success (a run that was blessed), 2 for a run that was not blessed,
        1 for an error, 143 after SIGTERM.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = parser([name for name in COMMANDS if name in words]).parse_args(words)
    code = EXIT_ERROR
    try:
        with redirect_stdout(StandardOutput(sys.stdout)) as output:
            code = options.command(options)
            output.flush()
    except (InputError, CommandFailedError, OSError) as error:
        print(f"seqmd: {printable(str(error))}", file=sys.stderr)
    except Terminated:
        print("seqmd: ended by SIGTERM; run the same command again to go on.", file=sys.stderr)
        code = EXIT_TERMINATED
    except KeyboardInterrupt:
        print("seqmd: interrupted; run the same command again to go on.", file=sys.stderr)
    if arguments is None:
        # The process ends: going once more through all that the libraries hold takes seconds.
        gc.freeze()
    return code


class CommandParser(argparse.ArgumentParser):
    """Ends with 1 on a wrong option, since 2 means that a model was not blessed."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Looks for misspelt options first: argparse would rather miss the one that was meant."""
        options = dict.fromkeys(re.findall(r"(?<![\w-])--[\w-]+", self.format_help()))
        for word in args if args and self.get_default("command") else ():
            name = word.partition("=")[0]
            if name == "--":
                break
            if name.startswith("--") and not any(one.startswith(name) for one in options):
                self.error(f"{name}: no such option{did_you_mean(name, options)}")
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Says how the command is used, and what is wrong."""
        self.print_usage(sys.stderr)
        self.exit(EXIT_ERROR, f"seqmd: {printable(reworded(message))}\n")


def reworded(message: str) -> str:
    """A message of argparse in the words of all others: where, what was expected and found."""
    where, _, what = message.removeprefix("argument ").partition(": ")
    if found := re.fullmatch(r"invalid choice: '(.*)' \(choose from (.*)\)", what):
        names = [name.strip("'") for name in found[2].split(", ")]
        hint = did_you_mean(found[1], names)
        return f"{where}: expected one of {', '.join(names)}, found {found[1]!r}{hint}"
    if found := re.fullmatch(r"invalid (int|float) value: (.*)", what):
        kind = "a whole number" if found[1] == "int" else "a number"
        return f"{where}: expected {kind}, found {found[2]}"
    if re.fullmatch(r"expected (one|at least one) argument", what):
        return f"{where}: {what.replace('argument', 'value')}, found none"
    if where == "unrecognized arguments":
        return f"expected no further words, found {what}"
    if where == "the following arguments are required":
        return f"expected {what}, found none"
    return message.removeprefix("argument ")


def parser(wanted: Collection[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The command line's grammar.

    Args:
        wanted: commands whose options are needed; the modules of the others are not loaded.

    Returns:
        The parser; what it returns has the function of the command as `command`.
    """
    as_it_is = argparse.RawDescriptionHelpFormatter
    top = CommandParser(
        prog="seqmd", description=DESCRIPTION, epilog=EPILOG, formatter_class=as_it_is
    )
    top.add_argument(
        "--version",
        action="version",
        version=" ".join(f"{name} {version(name)}" for name in ("seqmd", "tfx", "tensorflow")),
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, formatter_class=as_it_is)
        if name in wanted:
            module = import_module(f"pipeline.commands.{name.replace('-', '_')}")
            command.description = cleandoc(module.__doc__ or summary)
            module.add_options(command)
            command.set_defaults(command=module.run)
    return top


if __name__ == "__main__":
    sys.exit(main())
