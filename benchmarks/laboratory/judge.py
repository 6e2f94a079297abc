"""What came of a cross-validation: settings chosen, NDCG, and differences with their intervals."""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from benchmarks.laboratory.cross_validation import Competitor, TrialResult
from benchmarks.laboratory.folds import Trial, choose_settings
from benchmarks.laboratory.intervals import Means
from benchmarks.laboratory.measures import Measure, mean_over_measures, ndcg_of_measures
from benchmarks.laboratory.views import FEWEST_LISTS
from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.lists import Lists

# NDCG of the lists by measure, float [seeds, B].
Values = Mapping[str, np.ndarray]


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

    @cached_property
    def means(self) -> Means:
        """Means over lists; the lists of a user are drawn together."""
        return Means(self._lists.context[keys.LIST_USER])

    def regions(self) -> dict[str, np.ndarray]:
        """Which lists lie in each region of 100 lists or more, bool [B]; the largest first."""
        column = self._lists.context[keys.LIST_REGION]
        found = {
            row["values"].as_py().decode(): pc.equal(column, row["values"]).to_numpy(
                zero_copy_only=False
            )
            for row in pc.value_counts(column)
            if row["counts"].as_py() >= FEWEST_LISTS
        }
        return dict(sorted(found.items(), key=lambda one: -one[1].sum()))

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
        `ours_minus` (paired differences of `ours` to it), `against` and `minus_it` (its own
        differences to the competitor that it is measured against), `regions` (estimate and
        `ours_minus` of the first measure, by region), `settings`, `validation` (mean of each
        setting), and `chosen` (number of the setting by fold).
    """
    chosen = {competitor.name: judge.choose(competitor) for competitor in competitors}
    values = {name: judge.evaluate(name, of_fold) for name, (of_fold, _) in chosen.items()}
    difference = partial(_difference, judge)
    first = next(iter(values[ours]))
    regions = judge.regions()
    return {
        competitor.name: {
            "measures": {
                measure: _measured(of_lists, judge.means)
                for measure, of_lists in values[competitor.name].items()
            },
            "ours_minus": difference(values[ours], values[competitor.name]),
            "against": competitor.against,
            "minus_it": difference(values[competitor.name], values[competitor.against])
            if competitor.against
            else {},
            "regions": {
                region: {
                    **_mean(values[competitor.name][first], inside, judge.means),
                    "ours_minus": _mean(
                        values[ours][first] - values[competitor.name][first], inside, judge.means
                    ),
                }
                for region, inside in regions.items()
            },
            "settings": [dict(setting) for setting in competitor.settings],
            "validation": chosen[competitor.name][1],
            "chosen": chosen[competitor.name][0],
        }
        for competitor in competitors
    }


def _difference(judge: Judge, values: Values, others: Values) -> dict[str, Any]:
    """Paired differences by measure."""
    return {
        measure: judge.means.estimate((of_lists - others[measure]).mean(axis=0))
        for measure, of_lists in values.items()
    }


def _mean(of_lists: np.ndarray, inside: np.ndarray, means: Means) -> dict[str, Any]:
    """The estimate on some of the lists."""
    return {**means.estimate(np.where(inside, of_lists.mean(axis=0), np.nan))}


def _measured(of_lists: np.ndarray, means: Means) -> dict[str, Any]:
    seeds = np.nanmean(of_lists, axis=1)
    return {
        **means.estimate(of_lists.mean(axis=0)),
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
