"""A cross-validation: every competitor, setting, fold and seed, and what came of it."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.laboratory.folds import Trial, choose_settings, divide
from benchmarks.laboratory.intervals import estimate
from benchmarks.laboratory.laboratory import Laboratory
from benchmarks.laboratory.logs import Logs, Parts, read_lists
from benchmarks.laboratory.measures import Measure, mean_over_measures, ndcg_of_measures
from benchmarks.laboratory.prepared import Learner
from benchmarks.laboratory.processes import in_laboratories
from components.evaluator.config import GRADED
from data.definition import keys
from data.definition.dataset import Dataset
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
    """

    name: str
    settings: Sequence[Mapping[str, Any]]
    learners: Sequence[Learner]

    def with_at_most(self, settings: int) -> "Competitor":
        """The competitor with its first settings only."""
        return Competitor(self.name, self.settings[:settings], self.learners[:settings])


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
                scores = laboratory.scores(learner, trial.seed)
                found[competitor.name, number, "validation"] = scores.validation[GRADED]
                found[competitor.name, number, "evaluation"] = scores.evaluation[GRADED]
            seconds = time.perf_counter() - started
            LOGGER.info("%s %s: %.0f s", trial, competitor.name, seconds)
        return found


class Judge:
    """Judges competitors on the lists of all folds.

    Args:
        dataset: tasks and grades.
        measures: what is measured.
        lists: all B lists.
        results: the trials.
    """

    def __init__(
        self,
        dataset: Dataset,
        measures: tuple[Measure, ...],
        lists: Lists,
        results: Sequence[TrialResult],
    ) -> None:
        self._dataset = dataset
        self._measures = measures
        self._lists = lists
        self._results = results

    @property
    def ids(self) -> pa.Array:
        """Names of the lists."""
        return self._lists.context[keys.LIST_ID]

    def choose(self, competitor: Competitor) -> tuple[dict[int, int], list[float]]:
        """The setting of each fold, and each setting's mean over all validation lists."""
        settings = range(len(competitor.settings))
        validated: dict[tuple[Trial, int], float] = {}
        for result in self._results:
            for setting in settings:
                values = self._values(result, competitor.name, setting, "validation")
                validated[result.trial, setting] = mean_over_measures(values)
        trials = [result.trial for result in self._results]
        means = [float(np.mean([validated[trial, s] for trial in trials])) for s in settings]
        return choose_settings(validated, trials, len(settings)), means

    def evaluate(self, name: str, chosen: dict[int, int]) -> dict[str, np.ndarray]:
        """NDCG of each list in the fold that evaluates it.

        Args:
            name: the competitor.
            chosen: number of the setting by fold.

        Returns:
            By name of the measure: float [seeds, B].
        """
        seeds = sorted({result.trial.seed for result in self._results})
        found = {m.name: np.full((len(seeds), len(self._lists)), np.nan) for m in self._measures}
        for result in self._results:
            values = self._values(result, name, chosen[result.trial.fold], "evaluation")
            for measure, of_lists in values.items():
                row = seeds.index(result.trial.seed)
                found[measure][row, result.parts.evaluation] = of_lists
        return found

    def _values(
        self, result: TrialResult, name: str, setting: int, part: str
    ) -> dict[str, np.ndarray]:
        lists = self._lists.take(getattr(result.parts, part))
        scores = result.scores[name, setting, part]
        return ndcg_of_measures(self._dataset, self._measures, lists, scores)


def report(judge: Judge, competitors: Sequence[Competitor], ours: str) -> dict[str, Any]:
    """All figures.

    Args:
        judge: has the scores.
        competitors: what is compared.
        ours: name of the competitor that the others are compared with.

    Returns:
        By competitor: `measures` (estimate, means of seeds and their standard deviation),
        `settings`, `validation` (mean of each setting), `chosen` (number of the setting by fold),
        and `ours_minus` (paired differences of `ours` to it).
    """
    chosen = {competitor.name: judge.choose(competitor) for competitor in competitors}
    values = {name: judge.evaluate(name, of_fold) for name, (of_fold, _) in chosen.items()}
    return {
        competitor.name: {
            "measures": {
                measure: _measured(of_lists, judge.ids)
                for measure, of_lists in values[competitor.name].items()
            },
            "ours_minus": {
                measure: estimate((values[ours][measure] - of_lists).mean(axis=0), judge.ids)
                for measure, of_lists in values[competitor.name].items()
            },
            "settings": [dict(setting) for setting in competitor.settings],
            "validation": chosen[competitor.name][1],
            "chosen": chosen[competitor.name][0],
        }
        for competitor in competitors
    }


def _measured(of_lists: np.ndarray, ids: pa.Array) -> dict[str, Any]:
    seeds = np.nanmean(of_lists, axis=1)
    return {
        **estimate(of_lists.mean(axis=0), ids),
        "seeds": seeds.tolist(),
        "deviation_of_seeds": float(seeds.std(ddof=1)) if len(seeds) > 1 else 0.0,
    }


def show(figures: Mapping[str, Any]) -> None:
    """Prints a line for each competitor: means with the spread of seeds, and differences.

    Args:
        figures: from `report`.
    """
    names = list(next(iter(figures.values()))["measures"])
    table = Table(title="NDCG: mean (deviation of seeds); ours minus it (95% interval)")
    table.add_column("ranked by")
    for name in names:
        table.add_column(name, justify="right")
        table.add_column("ours minus it", justify="right")
    for competitor, found in figures.items():
        cells = [_cells(found["measures"][name], found["ours_minus"][name]) for name in names]
        table.add_row(competitor, *(cell for pair in cells for cell in pair))
    Console(width=130).print(table)


def _cells(measured: Mapping[str, Any], difference: Mapping[str, Any]) -> tuple[str, str]:
    interval = f"({difference['low']:+.4f} {difference['high']:+.4f})"
    return (
        f"{measured['mean']:.4f} ({measured['deviation_of_seeds']:.4f})",
        f"{difference['mean']:+.4f} {interval}",
    )
