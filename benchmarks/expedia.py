"""SEQ+MD against LightGBM and simple orders on the Expedia searches, by cross-validation.

python -m benchmarks.expedia --input searches.csv --json figures.json
"""

import argparse
import json
import logging
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

# Before anything imports TensorFlow.
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.laboratory.cross_validation import (
    Competitor,
    Experiment,
    Judge,
    report,
    run_trials,
    show,
)
from benchmarks.laboratory.folds import trials
from benchmarks.laboratory.measures import Measure
from benchmarks.laboratory.network import Network
from benchmarks.laboratory.orders import LOGGED, RANDOM, Order
from benchmarks.laboratory.trees import Trees
from components.evaluator.config import GRADED
from data.files import local_path
from pipeline.config import RunConfig, absolute, load_config

VALIDATION_SHARE = 0.15
# The competition's own cut-off.
CUT_OFF = 38
MEASURES = (Measure("graded@38", GRADED, CUT_OFF), Measure("booking@10", "booking", 10))
OURS = "SEQ+MD"

# Eight settings for each learner: the tuning budget.

# Changes of the model and the training that data/catalog/expedia.yaml describes.
SEQ_MD_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"training": {"weight_decay": 10.0}},
    {"training": {"keep": "best", "patience": 10}},
    {"training": {"learning_rate": 0.002, "epochs": 35}},
    {"model": {"adaptor": "shared"}},
    {"model": {"linear_path": False}},
    {"model": {"dropout": 0.3}, "training": {"epochs": 15}},
    {
        "model": {"token_units": [16], "recurrent_units": [16], "invariant_units": [32]},
        "training": {"epochs": 30},
    },
)

_TREES = {"learning_rate": 0.05, "bagging_freq": 1, "bagging_fraction": 0.8}
_STUMPY = {**_TREES, "num_leaves": 4, "min_data_in_leaf": 100, "feature_fraction": 0.5}
_SMALL = {**_TREES, "num_leaves": 8, "min_data_in_leaf": 100, "feature_fraction": 0.3}
_LARGER = {**_TREES, "num_leaves": 16, "min_data_in_leaf": 100, "feature_fraction": 0.5}

# Parameters of LightGBM; `rounds` trains as many trees, without it validation lists say when to
# stop. Both kinds, since stopping by 100 lists costs trees as much as it costs a network.
TREE_SETTINGS: tuple[dict[str, Any], ...] = (
    {**_STUMPY, "lambda_l2": 10},
    {**_STUMPY, "lambda_l2": 10, "rounds": 150},
    {**_STUMPY, "lambda_l2": 10, "rounds": 250},
    {**_TREES, "num_leaves": 4, "min_data_in_leaf": 50, "feature_fraction": 0.8},
    {**_SMALL, "lambda_l2": 10},
    {**_SMALL, "lambda_l2": 10, "rounds": 100},
    {**_LARGER, "lambda_l2": 10},
    {**_LARGER, "lambda_l2": 10, "rounds": 60},
)


def expedia_competitors(config: RunConfig) -> list[Competitor]:
    """All competitors; ours changes the model and the training that the catalog describes."""
    ours = [_complete(config, changes) for changes in SEQ_MD_SETTINGS]
    return [
        _network(OURS, ours),
        _network(f"{OURS}, catalog's setting", [_complete(config, {})]),
        _trees("LightGBM, raw features", within_list=False),
        _trees("LightGBM, with within-list inputs", within_list=True),
        Competitor("prop_location_score2", [{}], [Order("location_score_2")]),
        Competitor("logged order", [{}], [Order(LOGGED)]),
        Competitor("random order", [{}], [Order(RANDOM)]),
    ]


def _complete(config: RunConfig, changes: Mapping[str, Any]) -> dict[str, Any]:
    sections = {"model": config.model, "training": config.training}
    return {
        name: {**section.model_dump(mode="json"), **changes.get(name, {})}
        for name, section in sections.items()
    }


def _network(name: str, settings: Sequence[Mapping[str, Any]]) -> Competitor:
    return Competitor(name, settings, [Network(**setting) for setting in settings])


def _trees(name: str, within_list: bool) -> Competitor:
    learners = [Trees(setting, CUT_OFF, within_list, (GRADED,)) for setting in TREE_SETTINGS]
    return Competitor(name, TREE_SETTINGS, learners)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark; one that was stopped goes on where it was.

    Args:
        arguments: the command line; that of the process by default.
    """
    options = _options(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("benchmarks").setLevel(logging.INFO)
    started = time.perf_counter()
    config = load_config("expedia")
    experiment = Experiment(
        config=config,
        patterns=tuple(map(absolute, options.input)),
        folds=options.folds,
        validation_share=VALIDATION_SHARE,
        kept=options.cache or options.json.with_suffix(".cache"),
        competitors=[one.with_at_most(options.settings) for one in expedia_competitors(config)],
    )
    results = run_trials(experiment, list(trials(options.folds, options.seeds)), options.jobs)
    lists = experiment.lists()
    judge = Judge(config.dataset, MEASURES, lists, results)
    figures = report(judge, experiment.competitors, OURS)
    described = _described(options, len(lists), time.perf_counter() - started)
    options.json.write_text(json.dumps({**described, "competitors": figures}, indent=2) + "\n")
    show(figures)


def _described(options: argparse.Namespace, lists: int, seconds: float) -> dict[str, Any]:
    return {
        "lists": lists,
        "folds": options.folds,
        "seeds": options.seeds,
        "settings": options.settings,
        "validation_share": VALIDATION_SHARE,
        "seconds": seconds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.expedia", description=__doc__)
    parser.add_argument("--input", required=True, action="append", help="the competition's CSV")
    parser.add_argument("--folds", type=int, default=5, help="folds; whole searches")
    parser.add_argument("--seeds", type=int, default=3, help="trainings with seeds from 1")
    parser.add_argument("--settings", type=int, default=8, help="settings tried, at most 8")
    parser.add_argument("--jobs", type=int, default=1, help="trials at a time")
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    parser.add_argument("--cache", type=local_path, help="folder of finished trainings")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
