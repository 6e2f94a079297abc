"""The paper's tables and figures, on data that anyone can have.

python -m benchmarks.paper --table 3 --figure 5 --preset small --output paper
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from rich.console import Console

from benchmarks.command import run_command
from benchmarks.laboratory.adaptor_distances import mean_distances, write_distances
from benchmarks.laboratory.adaptors import ADAPTORS
from benchmarks.laboratory.comparison import Comparison
from benchmarks.laboratory.conditions import CONDITIONS
from benchmarks.laboratory.dependence import DEPENDENCE
from benchmarks.laboratory.feedback import FEEDBACK
from benchmarks.laboratory.figures import FIRST, draw_changes, draw_domestic, mean_domestic_shares
from benchmarks.laboratory.histories import HISTORIES
from benchmarks.laboratory.item_kinds import KINDS
from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.ladder import LADDER
from benchmarks.laboratory.logs import PRESETS, Logs, with_tasks
from benchmarks.laboratory.options import (
    add_common_options,
    laboratory_maker,
    make_output,
    positive,
    shared_setting,
)
from benchmarks.laboratory.paper_exhibits import PAPER_EXHIBITS
from benchmarks.laboratory.position_bias import POSITION_BIAS, write_examination, write_gaps
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.probability_errors import error_rows, write_errors
from benchmarks.laboratory.processes import in_laboratories
from benchmarks.laboratory.settings import load_settings, tuned
from benchmarks.laboratory.setups import Exhibit, Setting, Setup, can_train
from benchmarks.laboratory.tables import short_table, whole_table, write_table
from data.errors import InputError
from data.files import local_path

_NO_DISTANCES = (
    "No distances between regions: expected features that depend on the region, and two regions of "
    "20 evaluation lists or more."
)
_NO_SHARES = (
    "No shares of domestic listings: expected a region of 100 evaluation lists or more, and "
    "listings of which it is known whether they are domestic."
)
EXHIBITS = {
    **PAPER_EXHIBITS,
    **ADAPTORS,
    **POSITION_BIAS,
    **CONDITIONS,
    **DEPENDENCE,
    **FEEDBACK,
    **LADDER,
    **HISTORIES,
    **KINDS,
}
# Studies of several exhibits, each of which can be asked for alone.
_SEVERAL = {"task_dependence": tuple(DEPENDENCE), "history": tuple(HISTORIES)}
_STUDIES = [
    *(name for name in EXHIBITS if not name.startswith(("table", "figure"))),
    *_SEVERAL,
]


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is needed and writes what was asked for; a stopped one goes on where it was.

    Args:
        arguments: the command line; that of the process by default.
    """
    options = _options(arguments)
    settings = load_settings(options.settings)
    make_output(options.output)
    console = Console(highlight=False, width=None if os.isatty(1) else 160)
    names = [f"table{number}" for number in options.table]
    names += [f"figure{number}" for number in options.figure]
    for study in options.study:
        names += _SEVERAL.get(study, (study,))
    for name in names:
        exhibit = EXHIBITS[name]
        console.print(f"[bold]{exhibit.title}[/]")
        comparison = _compared(exhibit, options, settings, lambda done: console.print(f"  {done}"))
        for text in _written(name, exhibit, comparison, options.output):
            console.print(text, markup=False)


def _compared(
    exhibit: Exhibit,
    options: argparse.Namespace,
    settings: Mapping[str, Setting],
    tell: Callable[[str], None],
) -> Comparison:
    preset = PRESETS[options.preset]
    maker = partial(laboratory_maker, options, preset, exhibit.changes, exhibit.tasks)
    logs = maker()().logs
    chosen = chosen_setups(exhibit, logs, options.only)
    setups = [tuned(setup, settings) for setup in chosen if can_train(setup, tell)]
    for setup in setups:
        # What a setup asks of the dataset, before hours of training.
        with_tasks(logs.dataset, setup.tasks)
        setup.view.of(logs)
    seeds = options.seeds or preset.seeds
    shared = shared_setting(options, preset)
    found = {}
    for learns_from in _each_once(setup.learns_from for setup in setups):
        numbers = [n for n, setup in enumerate(setups) if setup.learns_from == learns_from]
        trials = [(number, seed) for number in numbers for seed in range(1, seeds + 1)]
        work = [
            partial(_scores, setup=setups[number], shared=shared, seed=seed)
            for number, seed in trials
        ]
        done = in_laboratories(maker(learns_from=learns_from), work, options.jobs)
        for (number, seed), scores in zip(trials, done, strict=True):
            found[number, seed] = scores
            tell(f"{setups[number].name}, seed {seed}")
    return Comparison(logs, setups, seeds, found, exhibit.items(logs))


def chosen_setups(exhibit: Exhibit, logs: Logs, names: Sequence[str]) -> list[Setup]:
    """The setups of an exhibit that are named, or all.

    Args:
        exhibit: the exhibit.
        logs: what it is of.
        names: of setups; empty for all.

    Returns:
        The setups, in the exhibit's order.

    Raises:
        InputError: it has no setup of a name, or lacks what a named one is measured against.
    """
    setups = {setup.name: setup for setup in exhibit.setups(logs)}
    wanted = names or list(setups)
    for name in wanted:
        if name not in setups:
            raise InputError(f"--only: expected some of {', '.join(setups)}; found {name!r}")
        if setups[name].against not in wanted:
            raise InputError(
                f"--only: expected {setups[name].against!r} as well, which {name!r} is measured"
                " against; it is not named"
            )
    return [setup for name, setup in setups.items() if name in wanted]


def _each_once(values: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _scores(laboratory: Laboratory, setup: Setup, shared: Setting, seed: int) -> Scores:
    learner = setup.learner(shared)
    return laboratory.scores(learner, seed, setup.view)


def _written(name: str, exhibit: Exhibit, comparison: Comparison, output: Path) -> list[str]:
    """Writes all files; what people are to read of them."""
    rows = comparison.rows()
    write_table(rows, output, name)
    (output / f"{name}.md").write_text(whole_table(rows, exhibit.title))
    texts = [short_table(rows, exhibit.title)]
    draw_changes(rows, output / f"{name}.png", exhibit.title)
    if exhibit.distances:
        figures = {
            setup.name: [scores.figures for scores in comparison.of_seeds(number)]
            for number, setup in enumerate(comparison.setups)
        }
        distances = mean_distances(figures)
        texts.append(write_distances(distances, output, name) if distances else _NO_DISTANCES)
    if exhibit.probabilities:
        texts.append(write_errors(error_rows(comparison), output, name))
    if exhibit.gap and {setup.name for setup in comparison.setups} >= set(exhibit.gap):
        shares_of_gap = comparison.shares_of_gap(*exhibit.gap)
        texts.append(write_gaps(shares_of_gap, output, name, exhibit.gap[1]))
    if exhibit.examination:
        texts.append(write_examination(comparison, output, name))
    shares = mean_domestic_shares(comparison) if exhibit.domestic else []
    if exhibit.domestic and not shares:
        texts.append(_NO_SHARES)
    if shares:
        (output / f"{name}_domestic.json").write_text(json.dumps(shares, indent=2) + "\n")
        for first in FIRST:
            path = output / f"{name}_domestic_{first}.png"
            draw_domestic(shares, first, path, exhibit.title)
    return texts


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper", description=__doc__)
    for kind in ("table", "figure"):
        numbers = [int(name.removeprefix(kind)) for name in EXHIBITS if name.startswith(kind)]
        parser.add_argument(f"--{kind}", type=int, nargs="+", default=(), choices=numbers)
    parser.add_argument("--study", nargs="+", default=(), choices=_STUDIES)
    parser.add_argument(
        "--seeds", type=positive, help="trainings of each model (default: the preset's)"
    )
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="NAME", help="some of what is compared, by name"
    )
    parser.add_argument("--settings", type=local_path, help="of the models, from benchmarks.tune")
    add_common_options(parser)
    options = parser.parse_args(arguments)
    if not (options.table or options.figure or options.study):
        parser.error("expected a --table, a --figure or a --study, found none")
    asked = len(options.table) + len(options.figure) + len(options.study)
    if options.only and (asked > 1 or (options.study and options.study[0] in _SEVERAL)):
        parser.error("--only: expected one table, figure or study, whose names it has; found more")
    return options


if __name__ == "__main__":
    run_command(main)
