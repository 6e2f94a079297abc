"""Rankers against LightGBM and simple orders on real logs, by cross-validation.

python -m benchmarks.real_logs --dataset expedia --input searches.csv --json figures.json
python -m benchmarks.real_logs --dataset trivago --input train.csv --rivals seq --json figures.json
"""

import argparse
import json
import logging
import os
import platform
import sys
import time
from collections.abc import Sequence
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

from benchmarks.laboratory.cross_validation import Experiment, run_trials
from benchmarks.laboratory.folds import trials
from benchmarks.laboratory.judge import Judge, report, show
from benchmarks.laboratory.real_logs import OURS, REAL_LOGS
from benchmarks.laboratory.setups import RIVALS, WITHOUT_ADAPTOR
from data.files import local_path
from pipeline.config import absolute, load_config

VALIDATION_SHARE = 0.15


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark; one that was stopped goes on where it was.

    Args:
        arguments: the command line; that of the process by default.
    """
    options = _options(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("benchmarks").setLevel(logging.INFO)
    started = time.perf_counter()
    config, real_logs = load_config(options.dataset), REAL_LOGS[options.dataset]
    if options.histories:
        competitors = real_logs.with_and_without_past(config)
    else:
        competitors = real_logs.competitors(config, options.rivals, not options.without_md)
    experiment = Experiment(
        config=config,
        patterns=tuple(map(absolute, options.input)),
        folds=options.folds,
        validation_share=VALIDATION_SHARE,
        kept=options.cache or options.json.with_suffix(".cache"),
        competitors=[one.with_at_most(options.settings) for one in competitors],
    )
    results = run_trials(experiment, list(trials(options.folds, options.seeds)), options.jobs)
    lists = experiment.lists()
    judge = Judge(config.dataset, real_logs.measures, lists, results)
    figures = report(judge, experiment.competitors, OURS)
    described = _described(options, len(lists), time.perf_counter() - started)
    options.json.write_text(json.dumps({**described, "competitors": figures}, indent=2) + "\n")
    show(figures)


def _described(options: argparse.Namespace, lists: int, seconds: float) -> dict[str, Any]:
    return {
        "dataset": options.dataset,
        "lists": lists,
        "folds": options.folds,
        "seeds": options.seeds,
        "settings": options.settings,
        "validation_share": VALIDATION_SHARE,
        "seconds": seconds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_logs", description=__doc__)
    parser.add_argument("--dataset", choices=sorted(REAL_LOGS), required=True)
    parser.add_argument("--input", required=True, action="append", help="its files")
    parser.add_argument("--folds", type=int, default=5, help="folds; whole users, or lists")
    parser.add_argument(
        "--rivals",
        nargs="+",
        default=(),
        choices=(*WITHOUT_ADAPTOR, *RIVALS),
        help="rankers that are compared too, with and without MD",
    )
    parser.add_argument("--without-md", action="store_true", help="rivals without MD alone")
    parser.add_argument(
        "--histories",
        action="store_true",
        help="SEQ+MD with counts of the past, with its entries, with both and with neither",
    )
    parser.add_argument("--seeds", type=int, default=3, help="trainings with seeds from 1")
    parser.add_argument("--settings", type=int, default=8, help="settings tried, at most 8")
    parser.add_argument("--jobs", type=int, default=1, help="trials at a time")
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    parser.add_argument("--cache", type=local_path, help="folder of finished trainings")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
