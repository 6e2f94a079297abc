"""The search: trains every trial once, then the best ones and the definition anew, and compares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from components.evaluator.config import GRADED
from data.metrics.changes import Change, Resamples, Spread, pooled_spread
from pipeline.config import RunConfig
from pipeline.tuning.kept import KeptTrainings, load_ndcg, save_ndcg
from pipeline.tuning.lists import JudgedLists, PreparedLists
from pipeline.tuning.processes import done_in_processes
from pipeline.tuning.rounds import FINALISTS, Rounds
from pipeline.tuning.trials import Trial, further_seeds

# All their intervals together leave out the truth as rarely as one of 95% does.
CONFIDENCE = 1 - 0.05 / FINALISTS


class TrainingDone(NamedTuple):
    """A training of a trial that is done.

    Attributes:
        number: place of the trial among all, from 0.
        trial: the trial.
        seed: of the training.
        ndcg: mean graded NDCG of the validation lists.
        kept: whether it was done by an earlier call.
    """

    number: int
    trial: Trial
    seed: int
    ndcg: float
    kept: bool


class Observer(Protocol):
    """Follows a search."""

    def trainings_start(self, number: int) -> None:
        """A part of the search starts, of so many trainings."""

    def training_done(self, done: TrainingDone) -> None:
        """A training is done."""


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Attributes:
        trials: all trials; the first is the definition as it is.
        best: the best one, which may be the first.
        finalists: places of those that were trained again beside the first.
        seeds: the seed of the search, then the further ones.
        changes: the best against the first on the further seeds, by target.
    """

    trials: Sequence[Trial]
    best: Trial
    finalists: Sequence[int]
    seeds: Sequence[int]
    changes: dict[str, Change]

    @property
    def beyond_chance(self) -> bool:
        """Whether the best is better than the definition, as far as intervals can tell."""
        return self.changes[GRADED].low > 0


class Search:
    """Trains and judges trials; trainings that are done are kept, those that were stopped go on.

    Args:
        make_lists: makes the lists of a process; can be pickled.
        at: last rank that counts in NDCG; None takes whole lists.
        folder: keeps trainings.
        jobs: trainings at a time.
        observer: is told.
    """

    def __init__(
        self,
        make_lists: Callable[[], PreparedLists],
        at: int | None,
        folder: Path,
        jobs: int,
        observer: Observer,
    ) -> None:
        self._make_lists = make_lists
        self._at = at
        self._kept = KeptTrainings(folder)
        self._jobs = jobs
        self._observer = observer
        self._judged = make_lists().judged

    def run(self, trials: Sequence[Trial], further: int) -> Found:
        """Searches.

        Args:
            trials: the settings; the first is the definition as it is.
            further: number of further trainings of the best trials and of the first.

        Returns:
            What was found.

        Raises:
            InputError: a training cannot be made with these lists.
        """
        first = trials[0].config.training.seed
        seeds = [first, *further_seeds(first, further)]
        weights = self._judged.weights
        rounds = Rounds(
            len(trials), seeds, lambda number, of: trials[number].mean(of, GRADED, weights)
        )
        self._train(trials, rounds.first())
        self._train(trials, rounds.second())
        best = trials[rounds.best]
        again = [trials[number] for number in (0, *rounds.finalists)]
        changes = changes_of(best, again, seeds[1:], self._judged)
        return Found(trials, best, rounds.finalists, seeds, changes)

    def _train(self, trials: Sequence[Trial], trainings: Sequence[tuple[int, int]]) -> None:
        waiting = []
        self._observer.trainings_start(len(trainings))
        for number, seed in trainings:
            file = self._kept.file(trials[number].seeded(seed))
            if file.exists():
                self._tell(trials, number, seed, load_ndcg(file), kept=True)
            else:
                waiting.append((number, seed))
        work = [self._work(trials[number], seed) for number, seed in waiting]
        for place, ndcg in done_in_processes(self._make_lists, work, self._jobs):
            number, seed = waiting[place]
            self._tell(trials, number, seed, ndcg, kept=False)

    def _work(self, trial: Trial, seed: int) -> Callable[[PreparedLists], dict[str, np.ndarray]]:
        config = trial.seeded(seed)
        return partial(
            _trained,
            config=config,
            at=self._at,
            file=self._kept.file(config),
            checkpoints=str(self._kept.checkpoints(config)),
            # What was drawn may be too bold; a definition that diverges is to be mended.
            may_diverge=bool(trial.drawn),
        )

    def _tell(
        self,
        trials: Sequence[Trial],
        number: int,
        seed: int,
        ndcg: dict[str, np.ndarray],
        kept: bool,
    ) -> None:
        trial = trials[number]
        trial.ndcg[seed] = ndcg
        mean = trial.mean([seed], GRADED, self._judged.weights)
        self._observer.training_done(TrainingDone(number, trial, seed, mean, kept))


def _trained(
    lists: PreparedLists,
    config: RunConfig,
    at: int | None,
    file: Path,
    checkpoints: str,
    may_diverge: bool,
) -> dict[str, np.ndarray]:
    """The process that has trained keeps the training, so that no end of another one loses it."""
    from models.training.losses_of_epoch import LossNotFiniteError
    from pipeline.tuning.training import judged_training

    # Two draws may make one setting.
    if file.exists():
        return load_ndcg(file)
    try:
        ndcg = judged_training(lists, config, at, checkpoints)
    except LossNotFiniteError:
        if not may_diverge:
            raise
        # It has learnt nothing: as good as a random order.
        ndcg = lists.judged.ndcg(np.zeros(len(lists.judged.gains[GRADED])), at)
    save_ndcg(file, ndcg)
    return load_ndcg(file)


def changes_of(
    best: Trial, again: Sequence[Trial], seeds: Sequence[int], judged: JudgedLists
) -> dict[str, Change]:
    """The best trial against the definition.

    Args:
        best: the best trial.
        again: those that were trained with the seeds; the first is the definition as it is.
        seeds: further seeds.
        judged: the validation lists.

    Returns:
        The changes by target, that of graded relevance first.
    """
    resamples = Resamples(judged.users, judged.weights, CONFIDENCE)
    targets = (GRADED, *(name for name in judged.gains if name != GRADED))
    return {
        target: resamples.change(
            best.of_seeds(seeds, target),
            again[0].of_seeds(seeds, target),
            _spread(again, seeds, target, judged.weights),
        )
        for target in targets
    }


def _spread(
    trials: Sequence[Trial], seeds: Sequence[int], target: str, weights: np.ndarray
) -> Spread | None:
    """Two or three trainings of two trials tell less of it than those of all."""
    means = [[one.mean([seed], target, weights) for seed in seeds] for one in trials]
    return None if np.isnan(means).any() else pooled_spread(np.array(means))
