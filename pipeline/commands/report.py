"""Writes the page of a run again, or a page that sets two runs side by side.

Every run writes its page and keeps what it shows in DIR/reports, so that any two can be compared.
"""

import argparse
from pathlib import Path

from data.errors import InputError
from data.files import write_whole
from pipeline.commands.options import path
from pipeline.failures import writing
from pipeline.report.files import load_content, report_file

COMPARISON = "comparison.html"


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd report`."""
    command.add_argument(
        "run",
        nargs="?",
        type=path,
        metavar="RUN",
        help="output folder of a run (its latest), or a report's .json, as DIR/reports holds them",
    )
    command.add_argument(
        "--compare",
        nargs=2,
        type=path,
        metavar="RUN",
        help="set two runs side by side, the older one first",
    )
    command.add_argument(
        "--output",
        type=path,
        metavar="FILE",
        help="the page (default: beside RUN's report; comparison.html for --compare)",
    )


def run(options: argparse.Namespace) -> int:
    """Writes a page.

    Args:
        options: the command line of `seqmd report`.

    Returns:
        0.

    Raises:
        InputError: if there is no such run, or not one RUN or two to compare.
    """
    if (options.run is None) == (options.compare is None):
        raise InputError("report: expected RUN, or --compare RUN RUN")
    page = _one(options) if options.run is not None else _two(options)
    print(f"The page is {page.absolute()}")
    return 0


def _one(options: argparse.Namespace) -> Path:
    from pipeline.report.page import report_page

    file = report_file(options.run)
    text = report_page(load_content(file))
    return _written(Path(options.output or file.with_suffix(".html")), text)


def _two(options: argparse.Namespace) -> Path:
    from pipeline.report.comparison import comparison_page

    first, second = (load_content(report_file(run)) for run in options.compare)
    text = comparison_page(first, second, options.compare)
    return _written(Path(options.output or COMPARISON), text)


def _written(path: Path, text: str) -> Path:
    if not path.parent.is_dir():
        raise InputError(f"--output: expected a folder {path.parent}, found none")
    if path.is_dir():
        raise InputError(f"--output: expected the name of a page, found the folder {path}")
    with writing("--output", path):
        write_whole(path, text)
    return path
