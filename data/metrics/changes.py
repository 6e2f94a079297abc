"""Relative changes of a mean NDCG, and how sure they are over lists and trainings."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from scipy.stats import t as student

from data.poisson_weights import poisson_weights

REPLICATES = 1_000


class Change(NamedTuple):
    """A model against another one.

    Attributes:
        ndcg: mean over lists and seeds.
        relative: change of the mean, as a share of the other one's.
        low: lower end of its interval, of 95% where nothing else was asked for.
        high: upper end.
        lists: lists that count.
    """

    ndcg: float
    relative: float
    low: float
    high: float
    lists: int

    @property
    def significant(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


class Spread(NamedTuple):
    """How far trainings of one model lie apart that differ by their seed.

    Attributes:
        deviation: standard deviation of the mean NDCG of a training.
        freedom: degrees of freedom that it was estimated with.
    """

    deviation: float
    freedom: float


def pooled_spread(means: np.ndarray) -> Spread:
    """The spread that several models have in common.

    Args:
        means: float [M, S], mean NDCG of S trainings, two or more, of each of M models.

    Returns:
        The spread, of M * (S - 1) degrees of freedom.
    """
    models, seeds = means.shape
    deviation = np.sqrt(means.var(axis=1, ddof=1).mean())
    return Spread(float(deviation), models * (seeds - 1))


class Resamples:
    """Bootstrap replicates of lists, by their users, and draws of trainings; the same for all.

    A bootstrap over three trainings never reaches beyond the best and the worst of them, and calls
    two equal models different once in four times. So only lists are resampled, paired, and what
    seeds add is a draw from Student's distribution: trainings of two models are two samples,
    whatever their seeds, whose variances may differ.

    Args:
        users: string or binary [B], the user of each list, or its id.
        weights: of the lists, float [B]; 1 for all by default.
        confidence: level of the intervals.

    Source:
        Welch 1947, "The generalization of 'Student's' problem when several different population
        variances are involved".
    """

    def __init__(
        self, users: pa.Array, weights: np.ndarray | None = None, confidence: float = 0.95
    ) -> None:
        self._weights = np.ones(len(users)) if weights is None else np.asarray(weights, float)
        self._lists = poisson_weights(users, REPLICATES) * self._weights[:, np.newaxis]
        self._tails = (50 * (1 - confidence), 50 * (1 + confidence))
        places = np.random.default_rng(1).permutation(REPLICATES)
        self._quantiles = (places + 0.5) / REPLICATES

    def change(
        self, values: np.ndarray, others: np.ndarray, spread: Spread | None = None
    ) -> Change:
        """The change from the others' values, paired by lists.

        Args:
            values: float [S, B], NaN where a list does not count.
            others: float [S, B], of what it is measured against.
            spread: of trainings, where more of them than these tell it.

        Returns:
            The change; NaN where no list counts, or where the others' values are all 0. Its
            interval is empty where both are the same trainings; of one seed it knows lists alone.
        """
        counts = ~np.isnan(values[0]) & (self._weights > 0)
        if not counts.any():
            return Change(np.nan, np.nan, np.nan, np.nan, 0)
        ours, theirs = values[:, counts], others[:, counts]
        drawn = self._lists[counts]
        of_replicates, of_others = (one.mean(axis=0) @ drawn for one in (ours, theirs))
        our_means, their_means = (
            np.average(one, axis=1, weights=self._weights[counts]) for one in (ours, theirs)
        )
        lists = int(counts.sum())
        # Of few lists a replicate may draw none, or only those on which the others reach 0.
        known = of_others > 0
        if not known.any():
            return Change(float(our_means.mean()), np.nan, np.nan, np.nan, lists)
        relative = of_replicates[known] / of_others[known] - 1
        if not np.array_equal(ours, theirs):
            relative = relative + self._of_seeds(our_means, their_means, spread)[known]
        low, high = np.percentile(relative, self._tails)
        change = our_means.mean() / their_means.mean() - 1
        return Change(float(our_means.mean()), float(change), float(low), float(high), lists)

    def share(
        self, values: np.ndarray, worse: np.ndarray, better: np.ndarray
    ) -> tuple[float, float, float]:
        """The share of the way from the worse values to the better ones.

        What other trainings would add to each mean is a normal draw.

        Args:
            values: float [S, B], NaN where a list does not count.
            worse: float [S, B], 0 of the way.
            better: float [S, B], 1 of the way.

        Returns:
            The share, and its interval.
        """
        counts = ~np.isnan(worse[0]) & (self._weights > 0)
        drawn = self._lists[counts]
        random = np.random.default_rng(2)
        means, replicates = [], []
        for one in (values[:, counts], worse[:, counts], better[:, counts]):
            of_seeds = np.average(one, axis=1, weights=self._weights[counts])
            means.append(of_seeds.mean())
            error = of_seeds.std(ddof=1) / np.sqrt(len(one)) if len(one) > 1 else 0.0
            draws = one.mean(axis=0) @ drawn / drawn.sum(axis=0)
            replicates.append(draws + error * random.standard_normal(REPLICATES))
        ours, theirs, best = replicates
        low, high = np.percentile((ours - theirs) / (best - theirs), self._tails)
        share = (means[0] - means[1]) / (means[2] - means[1])
        return float(share), float(low), float(high)

    def _of_seeds(self, ours: np.ndarray, theirs: np.ndarray, spread: Spread | None) -> np.ndarray:
        """What other trainings would have added to the relative change, float [R].

        Args:
            ours: float [S], means of the trainings.
            theirs: float [S], those of the other model.
            spread: see `change`.
        """
        seeds = len(ours)
        if seeds == 1 and spread is None:
            return np.zeros(REPLICATES)
        ratio = ours.mean() / theirs.mean()
        squares = (
            [ours.var(ddof=1), theirs.var(ddof=1)]
            if spread is None
            else [spread.deviation**2, spread.deviation**2]
        )
        variances = np.array([1, ratio**2]) * squares / seeds
        if not variances.any():
            return np.zeros(REPLICATES)
        freedom = (
            (seeds - 1) * variances.sum() ** 2 / np.square(variances).sum()
            if spread is None
            else spread.freedom
        )
        error = np.sqrt(variances.sum()) / theirs.mean()
        return error * student.ppf(self._quantiles, freedom)
