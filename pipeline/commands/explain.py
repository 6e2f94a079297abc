"""Says why a pushed ranker places one item of a list above another, by feature.

Shares out the difference of the two scores among the features, in the units of the score. Without
--items, the first two of the list are compared. docs/explain.md says what the shares mean.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from data.artifacts.model_folder import newest_version
from data.errors import InputError
from data.terminal_text import on_one_line
from pipeline.commands.options import add_attributes, add_input, path
from pipeline.config import absolute
from pipeline.output_capture import log_for_errors, prepare_tensorflow

if TYPE_CHECKING:
    from data.explanation.explained_model import PairShares
    from pipeline.explained_list import ExplainedList

# Features that have less of all shares than this stand together in one line.
_SMALL = 0.01
# Share of the difference that is left out of it without a word.
_EXACT = 0.001
_MOST_LETTERS = 30


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd explain`."""
    command.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    add_input(command, required=True)
    add_attributes(command)
    command.add_argument("--list", required=True, metavar="ID", help="the list's id")
    command.add_argument(
        "--items",
        nargs=2,
        metavar=("A", "B"),
        help="two of its items: by their ids where the definition has `item`, else by their places "
        "in the list's rows, from 1 (default: the first two as they are ranked)",
    )
    command.add_argument(
        "--task", metavar="NAME", help="explains its probability (default: the score)"
    )
    command.add_argument(
        "--dataset",
        type=path,
        metavar="NAME|FILE",
        help="how to read the logs (default: the definition that travels with the model)",
    )


def run(options: argparse.Namespace) -> int:
    """Prints the shares of the features.

    Args:
        options: the command line of `seqmd explain`.

    Returns:
        0.

    Raises:
        InputError: if the model, the logs, the list or the items are not as expected.
    """
    prepare_tensorflow()
    if options.items and options.items[0] == options.items[1]:
        raise InputError(f"--items: expected two items, found {options.items[0]!r} twice")
    inputs = [absolute(one) for one in options.input]
    model = newest_version(Path(options.model))
    descriptor, name = tempfile.mkstemp(prefix="seqmd-explain-", suffix=".log")
    os.close(descriptor)
    with log_for_errors(Path(name)):
        shown = _shown(options, model, inputs)
    from pipeline.commands.console import console_on

    console = console_on(sys.stdout)
    for part in shown:
        console.print(part, soft_wrap=isinstance(part, str))
    return 0


def _shown(options: argparse.Namespace, model: Path, inputs: list[str]) -> list[str | Table]:
    from pipeline.explained_list import explained_list

    found = explained_list(
        model, options.dataset, inputs, options.list, options.task, options.attributes
    )
    items = options.items and [found.place(item) for item in options.items]
    first, second = items or found.order[:2]
    what = f"probability of {options.task}" if options.task else "score"
    shares = found.explain(first, second)
    return [
        _heading(options.list, what, found, first, second),
        shares_table(found, first, second, shares),
        _sum(what, shares),
    ]


def _heading(list_id: str, what: str, found: "ExplainedList", first: int, second: int) -> str:
    ranks = {place: rank for rank, place in enumerate(found.order, 1)}
    items = [
        f"item {found.items[place]} is number {ranks[place]} with {found.scores[place]:.5f}"
        for place in (first, second)
    ]
    return _text(f"List {list_id}, {len(found.items)} items by the {what}: {'; '.join(items)}.")


def shares_table(found: "ExplainedList", first: int, second: int, shares: "PairShares") -> Table:
    """The features of two items with what each adds to the difference, the largest share first.

    Args:
        found: the list.
        first: place of an item, from 0.
        second: place of the other one.
        shares: of the features.
    """
    table = Table()
    table.add_column("feature", no_wrap=True, max_width=_MOST_LETTERS)
    for place in (first, second):
        title = _text(f"item {found.items[place]}")
        table.add_column(title, justify="right", max_width=_MOST_LETTERS)
    table.add_column("adds", justify="right", no_wrap=True)
    least = _SMALL * sum(map(abs, shares.shares.values()))
    small = [name for name, share in shares.shares.items() if abs(share) < least or not share]
    for name, share in shares.shares.items():
        if name not in small:
            values = found.values.get(name)
            pair = ["", ""] if values is None else [values[first], values[second]]
            table.add_row(_text(name), *map(_text, pair), f"{share:+.5f}")
    if small:
        rest = sum(shares.shares[name] for name in small)
        others = f"{len(small)} other feature{'' if len(small) == 1 else 's'}"
        table.add_row(f"[dim]{others}[/]", "", "", f"[dim]{rest:+.5f}[/]")
    return table


def _sum(what: str, shares: "PairShares") -> str:
    differs = f"The {what} differs by {shares.difference:+.5f}"
    if shares.add_up:
        exact = abs(shares.residual) <= _EXACT * abs(shares.difference)
        far = "to a thousandth" if exact else "as far as 32-bit scores tell"
        return f"{differs}, which is what the features add together, {far}."
    total = sum(shares.shares.values())
    return (
        f"{differs}, of which the features add {total:+.5f}. The other {shares.residual:+.5f}"
        " belong to none of them: between the two items there is a jump."
    )


def _text(data: str) -> str:
    return escape(on_one_line(data))
