"""A model a day on logs whose last days are open: NDCG on what later matured, against waiting.

python -m benchmarks.daily --jobs 2 --output daily
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.command import run_command
from benchmarks.laboratory.daily import ROUTINES, DailyRoutine, Days, Routine, of_all_days
from benchmarks.laboratory.feedback import KEPT
from benchmarks.laboratory.measures import AT, item_column
from benchmarks.laboratory.options import make_output, positive
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.processes import in_laboratories
from data.definition import keys
from data.files import local_path
from data.metrics.changes import Resamples
from data.metrics.list_metrics import list_ndcg


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is needed and writes `daily.json`; a stopped one goes on where it was.

    Args:
        arguments: the command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.daily", description=__doc__)
    parser.add_argument("--lists", type=positive, default=4_000, help="of 17 days")
    parser.add_argument("--judged-lists", type=positive, default=16_000, help="of 17 days, too")
    parser.add_argument("--days", type=positive, default=7, choices=range(1, 8))
    parser.add_argument("--epochs", type=positive, default=12, help="at most, each day")
    parser.add_argument("--seeds", type=positive, default=3, help="trainings of each routine")
    parser.add_argument("--jobs", type=positive, default=1, help="routines at a time")
    parser.add_argument("--output", type=local_path, required=True, metavar="DIR")
    names = [routine.name for routine in ROUTINES]
    parser.add_argument("--routines", nargs="+", choices=names, default=names)
    options = parser.parse_args(arguments)
    make_output(options.output)
    days = Days(options.lists, options.judged_lists, days=options.days, epochs=options.epochs)
    console = Console(highlight=False, width=None if os.isatty(1) else 160)
    routines = [routine for routine in ROUTINES if routine.name in options.routines]
    trials = [(routine, seed) for routine in routines for seed in range(1, options.seeds + 1)]
    work = [partial(_scores, routine=routine, seed=seed) for routine, seed in trials]
    done = in_laboratories(partial(DailyRoutine, days, options.output / "kept"), work, options.jobs)
    found: dict[str, list[Scores]] = {}
    for (routine, seed), scores in zip(trials, done, strict=True):
        found.setdefault(routine.name, []).append(scores)
        console.print(f"  {routine.name}, seed {seed}")
    figures = figures_of(days, found)
    (options.output / "daily.json").write_text(json.dumps(figures, indent=2) + "\n")
    console.print(_table(figures))


def _scores(laboratory: DailyRoutine, routine: Routine, seed: int) -> Scores:
    return laboratory.scores(routine, seed)


def figures_of(days: Days, found: dict[str, list[Scores]]) -> dict[str, Any]:
    """NDCG@10 of kept purchases on the lists of all days, by what was kept in the end.

    Args:
        days: the days.
        found: scores of each seed, by routine; the first one is what the others stand against.

    Returns:
        By routine: `ndcg` (of what matured), `by_truth` (of true probabilities), each with
        `relative`, `low` and `high`, its change; `of_seeds`, and `of_days`, means over seeds.
    """
    judged = [days.judged_on(day) for day in days]
    gains = {
        "ndcg": np.concatenate([item_column(one, keys.label(KEPT)) for one in judged]),
        "by_truth": np.concatenate([item_column(one, keys.truth(KEPT)) for one in judged]),
    }
    lengths = np.concatenate([one.row_lengths for one in judged])
    users = pa.concat_arrays([one.context[keys.LIST_USER] for one in judged])
    resamples = Resamples(users)
    values = {
        measure: {
            name: np.stack(
                [list_ndcg(gain, of_seed, lengths, AT) for of_seed in of_all_days(days, of, KEPT)]
            )
            for name, of in found.items()
        }
        for measure, gain in gains.items()
    }
    day_of_list = np.repeat(list(days), [len(one) for one in judged])
    against = next(iter(found))
    return {
        name: {
            **{
                measure: resamples.change(of[name], of[against])._asdict()
                for measure, of in values.items()
            },
            "of_seeds": np.nanmean(values["ndcg"][name], axis=1).tolist(),
            "of_days": {
                str(day): float(np.nanmean(values["ndcg"][name][:, day_of_list == day]))
                for day in days
            },
        }
        for name in found
    }


def _table(figures: dict[str, Any]) -> Table:
    table = Table(title="NDCG@10 of kept purchases on the lists of all days; change in %")
    for name in ("", "by what matured", "change", "by true probabilities", "change"):
        table.add_column(name, justify="right" if name else "left")
    for name, found in figures.items():
        cells = [name]
        for measure in ("ndcg", "by_truth"):
            one = found[measure]
            change = f"{one['relative']:+.2%} [{one['low']:+.2%}, {one['high']:+.2%}]"
            cells += [f"{one['ndcg']:.4f}", change]
        table.add_row(*cells)
    return table


if __name__ == "__main__":
    run_command(main)
