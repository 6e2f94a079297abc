"""From scores to figures: means, spread over seeds, differences to each competitor."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.cross_validation.competitor import Competitor
from benchmarks.cross_validation.experiment import TrialResult
from benchmarks.cross_validation.folds import Trial
from benchmarks.cross_validation.intervals import estimate
from benchmarks.cross_validation.measures import Measure, Values, ndcg_of_lists, overall
from benchmarks.cross_validation.validation_choice import choose_settings
from data import keys
from data.dataset import Dataset
from data.list_columns import Lists


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
                validated[result.trial, setting] = overall(values)
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

    def _values(self, result: TrialResult, name: str, setting: int, part: str) -> Values:
        lists = self._lists.take(getattr(result.parts, part))
        scores = result.scores[name, setting][part]
        return ndcg_of_lists(self._dataset, self._measures, lists, scores)


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
