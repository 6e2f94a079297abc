"""A cross-validation: every competitor, setting, fold and seed."""

import hashlib
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.cross_validation.cache import ScoreCache
from benchmarks.cross_validation.competitor import Competitor, Scores
from benchmarks.cross_validation.folds import Parts, Trial, divide
from benchmarks.cross_validation.logs import read_lists
from benchmarks.cross_validation.prepared import Prepared
from data.list_columns import Lists
from data.lists import encode
from pipeline.config import RunConfig

LOGGER = logging.getLogger("benchmarks")


@dataclass(frozen=True)
class Experiment:
    """What is compared on which lists; can be pickled as far as its competitors can.

    Attributes:
        config: dataset, region split and the catalog's model and training.
        patterns: files of logs.
        folds: number of folds.
        validation_share: share of the other folds' lists that validate.
        cache: folder of finished trainings.
        competitors: makes the competitors from the configuration.
        settings: number of settings that each of them may try at most.
    """

    config: RunConfig
    patterns: tuple[str, ...]
    folds: int
    validation_share: float
    cache: Path
    competitors: Callable[[RunConfig], Sequence[Competitor]]
    settings: int

    def lists(self) -> Lists:
        """All lists."""
        return read_lists(self.config.dataset, self.patterns)

    def chosen_competitors(self) -> list[Competitor]:
        """The competitors with no more settings than are allowed."""
        return [
            replace(competitor, settings=competitor.settings[: self.settings])
            for competitor in self.competitors(self.config)
        ]


# By competitor and number of the setting.
TrialScores = dict[tuple[str, int], Scores]


@dataclass(frozen=True)
class TrialResult:
    """What came out of one trial.

    Attributes:
        trial: fold and seed.
        parts: the division.
        scores: scores of validation and of evaluation lists.
    """

    trial: Trial
    parts: Parts
    scores: TrialScores


def run_trials(experiment: Experiment, trials: Sequence[Trial], jobs: int) -> list[TrialResult]:
    """Runs all trials, several at a time where asked for."""
    run = partial(run_trial, experiment)
    if jobs == 1:
        return [run(trial) for trial in trials]
    # TensorFlow does not survive a fork.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(run, trials))


def run_trial(experiment: Experiment, trial: Trial) -> TrialResult:
    """Trains every competitor with every setting in one trial, unless the cache has it."""
    lists = experiment.lists()
    config = experiment.config
    parts = divide(lists, trial, experiment.folds, experiment.validation_share)
    cache = ScoreCache(experiment.cache)
    scores: TrialScores = {}
    with tempfile.TemporaryDirectory() as folder:
        prepared = Prepared(config.dataset, config.region_split, lists, parts, Path(folder))
        identity = _identity(experiment, lists, trial)
        for competitor in experiment.chosen_competitors():
            started = time.perf_counter()
            for number, setting in enumerate(competitor.settings):
                own = {**identity, "learner": competitor.learner, "setting": dict(setting)}
                compute = partial(competitor.rank, prepared, trial.seed, setting)
                scores[competitor.name, number] = cache.get(own, compute)
            seconds = time.perf_counter() - started
            LOGGER.info("%s %s: %.0f s", trial, competitor.name, seconds)
    return TrialResult(trial, parts, scores)


def _identity(experiment: Experiment, lists: Lists, trial: Trial) -> dict[str, Any]:
    digest = hashlib.sha256(b"".join(encode(lists))).hexdigest()
    return {
        "lists": digest,
        "dataset": experiment.config.dataset.model_dump(mode="json"),
        "region_split": experiment.config.region_split.model_dump(mode="json"),
        "folds": experiment.folds,
        "validation_share": experiment.validation_share,
        **trial._asdict(),
    }
