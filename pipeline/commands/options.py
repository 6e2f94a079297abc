"""Options that several commands of `seqmd` take."""

import argparse
import datetime
from collections.abc import Callable

from data.errors import InputError
from data.files import expanded
from pipeline.beam_runner import RUNNERS

# Reads the text of an option.
Reader = Callable[[str], str]


def path(text: str) -> str:
    """Reads the path of an option: `~` is the home folder, whichever way the shell saw it."""
    try:
        return expanded(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_dataset(command: argparse.ArgumentParser) -> None:
    """Adds `--dataset`, the definition.

    Args:
        command: the command's parser.
    """
    command.add_argument(
        "--dataset",
        type=path,
        default="simulated",
        metavar="NAME|FILE",
        help="a name of the catalog (simulated, expedia, google_store, aliexpress, ali_ccp, "
        "trivago) or a YAML file (default: %(default)s)",
    )


def add_input(command: argparse.ArgumentParser, required: bool, read_path: Reader = path) -> None:
    """Adds `--input`, the logs.

    Args:
        command: the command's parser.
        required: whether the command needs logs.
        read_path: reads a path.
    """
    command.add_argument(
        "--input",
        nargs="+",
        default=(),
        required=required,
        type=read_path,
        metavar="FILE",
        help="CSV or Parquet files, patterns or folders",
    )


def add_attributes(command: argparse.ArgumentParser) -> None:
    """Adds `--attributes`, for definitions with `listings`.

    Args:
        command: the command's parser.
    """
    command.add_argument(
        "--attributes",
        type=path,
        metavar="FILE",
        help="attributes of the items, where the definition has `listings`: attributes.parquet of "
        "a run, or what fill-attributes wrote (default: the logs have a column of each)",
    )


def add_listings(command: argparse.ArgumentParser) -> None:
    """Adds the options of what is read of listings.

    Args:
        command: the command's parser.
    """
    read = command.add_argument_group("what is read")
    read.add_argument(
        "--listings",
        type=path,
        required=True,
        metavar="FILE",
        help="listings, one a row: CSV, Parquet or JSON lines",
    )
    read.add_argument(
        "--taxonomy",
        type=path,
        required=True,
        metavar="FILE",
        help='the values, as JSON: {"category": {"attribute": ["value", ...]}}',
    )
    for name, what in (
        ("category", "category"),
        ("title", "title"),
        ("description", "description"),
    ):
        read.add_argument(
            f"--{name}",
            default=name,
            metavar="COLUMN",
            help=f"the column with the {what} (default: %(default)s)",
        )
    read.add_argument(
        "--absent",
        nargs="+",
        default=["n/a"],
        metavar="TEXT",
        help="what an attribute says that a listing is known not to have (default: n/a)",
    )


def add_run_options(command: argparse.ArgumentParser, read_path: Reader = path) -> None:
    """Adds the options of every run: what it reads, its seed, and whether it uses the cache.

    Args:
        command: the command's parser.
        read_path: reads a path.
    """
    logs = command.add_argument_group("logs and what is checked of them")
    logs.add_argument(
        "--eval-input",
        nargs="+",
        default=(),
        type=read_path,
        metavar="FILE",
        help="logs kept for evaluation",
    )
    logs.add_argument(
        "--serving-logs",
        nargs="+",
        default=(),
        type=read_path,
        metavar="FILE",
        help="logs of what was served, without labels: training logs are compared with them",
    )
    logs.add_argument(
        "--from", dest="start", type=_date, metavar="DATE", help="first dated folder below --input"
    )
    logs.add_argument(
        "--to", dest="end", type=_date, metavar="DATE", help="last dated folder below --input"
    )
    logs.add_argument(
        "--schema",
        type=read_path,
        metavar="FILE",
        help="a schema (pbtxt) instead of an inferred one",
    )
    running = command.add_argument_group("how it runs")
    running.add_argument("--seed", metavar="N", type=int, help="seed of the training")
    running.add_argument(
        "--no-cache", action="store_true", help="run every node, also those that have not changed"
    )
    running.add_argument(
        "--beam-args",
        "--beam_pipeline_args",
        default="",
        metavar="FLAGS",
        help="further flags of the Beam runner, in one string",
    )


def add_engine(command: argparse.ArgumentParser) -> None:
    """Adds the options for where Beam works and where artifacts are kept.

    Args:
        command: the command's parser.
    """
    running = command.add_argument_group("where it runs")
    running.add_argument(
        "--beam-runner",
        choices=RUNNERS,
        help="where Beam's work is done (default: direct, in this process)",
    )
    running.add_argument(
        "--pipeline-root",
        type=path,
        metavar="DIR|URI",
        help="folder of all artifacts (default: pipeline in the output folder)",
    )


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected YYYY-MM-DD, found {text!r}") from None
