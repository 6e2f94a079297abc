"""A cross-validation: every competitor, setting, fold and seed is trained."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.laboratory.folds import Trial, divide
from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.logs import Logs, Parts, read_lists
from benchmarks.laboratory.prepared import Learner
from benchmarks.laboratory.processes import in_laboratories
from benchmarks.laboratory.views import USUAL, View
from components.evaluator.config import GRADED
from data.lists.lists import Lists
from pipeline.config import RunConfig

LOGGER = logging.getLogger("benchmarks")


@dataclass(frozen=True)
class Competitor:
    """A way to rank lists, and the settings among which it may choose.

    Attributes:
        name: how it is reported.
        settings: what is tried, as it is reported; one is chosen on validation lists.
        learners: what is trained, one for each setting.
        against: name of the competitor that it is measured against, besides ours; empty for none.
        view: how it sees the lists.
    """

    name: str
    settings: Sequence[Mapping[str, Any]]
    learners: Sequence[Learner]
    against: str = ""
    view: View = USUAL

    def with_at_most(self, settings: int) -> "Competitor":
        """The competitor with its first settings only."""
        return replace(self, settings=self.settings[:settings], learners=self.learners[:settings])


@dataclass(frozen=True)
class Experiment:
    """What is compared on which lists.

    Attributes:
        config: dataset and region split.
        patterns: files of logs.
        folds: number of folds.
        validation_share: share of the other folds' lists that validate.
        kept: folder of finished trainings.
        competitors: what is compared.
    """

    config: RunConfig
    patterns: tuple[str, ...]
    folds: int
    validation_share: float
    kept: Path
    competitors: Sequence[Competitor]

    def lists(self) -> Lists:
        """All lists."""
        return read_lists(self.config.dataset, self.patterns)


@dataclass(frozen=True)
class TrialResult:
    """What came out of one trial.

    Attributes:
        trial: fold and seed.
        parts: the division.
        scores: scores of lists, float [N], by competitor, number of the setting, and part.
    """

    trial: Trial
    parts: Parts
    scores: Mapping[tuple[str, int, str], np.ndarray]


def run_trials(experiment: Experiment, trials: Sequence[Trial], jobs: int) -> list[TrialResult]:
    """Trains every competitor with every setting in every trial, unless it is kept already.

    Args:
        experiment: what is compared.
        trials: folds and seeds.
        jobs: trials at a time.

    Returns:
        The results, in the order of the trials.
    """
    work = [partial(_Trials.run, trial=trial) for trial in trials]
    return list(in_laboratories(partial(_Trials, experiment), work, jobs))


class _Trials:
    """The trials of a process, which reads the lists once."""

    def __init__(self, experiment: Experiment) -> None:
        LOGGER.setLevel(logging.INFO)
        self._experiment = experiment
        self._lists = experiment.lists()
        self._laboratory: Laboratory | None = None

    def run(self, trial: Trial) -> TrialResult:
        experiment, config = self._experiment, self._experiment.config
        parts = divide(self._lists, trial, experiment.folds, experiment.validation_share)
        logs = Logs(config.dataset, self._lists, parts)
        self._laboratory = Laboratory(logs, experiment.kept, config.region_split)
        try:
            return TrialResult(trial, parts, self._scores(self._laboratory, trial))
        finally:
            self.close()

    def close(self) -> None:
        if self._laboratory is not None:
            self._laboratory.close()

    def _scores(
        self, laboratory: Laboratory, trial: Trial
    ) -> dict[tuple[str, int, str], np.ndarray]:
        found = {}
        for competitor in self._experiment.competitors:
            started = time.perf_counter()
            for number, learner in enumerate(competitor.learners):
                scores = laboratory.scores(learner, trial.seed, competitor.view)
                found[competitor.name, number, "validation"] = scores.validation[GRADED]
                found[competitor.name, number, "evaluation"] = scores.evaluation[GRADED]
            seconds = time.perf_counter() - started
            LOGGER.info("%s %s: %.0f s", trial, competitor.name, seconds)
        return found
