"""Trains setups and measures how each changes the NDCG of the one that it stands against."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pyarrow.compute as pc

from benchmarks.cross_validation.competitor import Scores
from benchmarks.reproduction.changes import Resamples
from benchmarks.reproduction.judging import ndcg_by_target, targets_of
from benchmarks.reproduction.laboratory import PARAMETERS, Laboratory
from benchmarks.reproduction.logs import Logs
from benchmarks.reproduction.setups import Setup
from benchmarks.reproduction.tables import EVERYWHERE, Row
from data import keys

# A slice with fewer lists says nothing.
_FEWEST_LISTS = 100

# By number of the setup and seed.
TrialScores = dict[tuple[int, int], Scores]

_laboratory: Laboratory


@dataclass(frozen=True)
class Comparison:
    """Setups that are compared on the same lists.

    Attributes:
        make_laboratory: makes the laboratory in each process; can be pickled.
        setups: the models.
        seeds: trainings of each.
        jobs: trainings at a time.
    """

    make_laboratory: Callable[[], Laboratory]
    setups: Sequence[Setup]
    seeds: int
    jobs: int

    def rows(self, logs: Logs, scores: TrialScores) -> list[Row]:
        """Measures what was trained.

        Args:
            logs: the lists, as the laboratory has them.
            scores: of all setups and seeds.

        Returns:
            A row for each setup, target and slice.
        """
        lists = logs.lists.take(logs.parts.evaluation)
        values = {
            setup.name: self._values(logs, scores, number)
            for number, setup in enumerate(self.setups)
        }
        resamples = Resamples(lists.context[keys.LIST_USER], self.seeds)
        return [
            Row(
                setup.name,
                setup.against,
                target,
                place,
                resamples.change(
                    np.where(inside, values[setup.name][target], np.nan),
                    np.where(inside, values[setup.against][target], np.nan),
                ),
                int(scores[number, 1][PARAMETERS][0]),
                self.seeds,
            )
            for number, setup in enumerate(self.setups)
            for target in targets_of(logs.dataset)
            for place, inside in slices_of(logs).items()
        ]

    def scores(self, tell: Callable[[str], None]) -> TrialScores:
        """Trains what is not kept yet.

        Args:
            tell: is told of each finished training.

        Returns:
            Scores of all setups and seeds; see `Laboratory.scores`.
        """
        trials = [
            (number, seed)
            for number in range(len(self.setups))
            for seed in range(1, self.seeds + 1)
        ]
        found = {}
        # TensorFlow does not survive a fork.
        with ProcessPoolExecutor(
            self.jobs, get_context("spawn"), _start, (self.make_laboratory,)
        ) as pool:
            work = [(self.setups[number], seed) for number, seed in trials]
            for trial, scores in zip(trials, pool.map(_train, work), strict=True):
                found[trial] = scores
                tell(f"{self.setups[trial[0]].name}, seed {trial[1]}")
        return found

    def _values(self, logs: Logs, scores: TrialScores, number: int) -> dict[str, np.ndarray]:
        """NDCG by target, float [S, B]."""
        lists, targets = logs.lists.take(logs.parts.evaluation), targets_of(logs.dataset)
        of_seeds = [
            ndcg_by_target(logs.dataset, lists, {t: scores[number, seed][t] for t in targets})
            for seed in range(1, self.seeds + 1)
        ]
        return {target: np.stack([one[target] for one in of_seeds]) for target in targets}


def slices_of(logs: Logs) -> dict[str, np.ndarray]:
    """Which evaluation lists lie in each slice: all, and each platform, or region without one.

    Args:
        logs: the lists.

    Returns:
        bool [B] by name of the slice; those with fewer than 100 lists are left out.
    """
    context = logs.lists.take(logs.parts.evaluation).context
    column = context[keys.LIST_PLATFORM if logs.dataset.platform else keys.LIST_REGION]
    slices = {EVERYWHERE: np.ones(len(column), bool)}
    for name in sorted(pc.unique(column).to_pylist()):
        inside = pc.equal(column, name).to_numpy(zero_copy_only=False)
        if inside.sum() >= _FEWEST_LISTS:
            slices[name.decode()] = inside
    return slices


def _start(make_laboratory: Callable[[], Laboratory]) -> None:
    global _laboratory
    _laboratory = make_laboratory()


def _train(work: tuple[Setup, int]) -> Scores:
    return _laboratory.scores(*work)
