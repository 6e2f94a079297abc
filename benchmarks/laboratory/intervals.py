"""Means of NDCG and relative changes of it, and how sure they are over lists and trainings."""

from typing import NamedTuple, TypedDict

import numpy as np
import pyarrow as pa
from scipy.stats import t as student

from data.poisson_weights import poisson_weights

REPLICATES = 1_000
_REPLICATES_OF_MEANS = 2_000
_TAILS = (2.5, 97.5)


class Change(NamedTuple):
    """A model against another one.

    Attributes:
        ndcg: mean over lists and seeds.
        relative: change of the mean, as a share of the other one's.
        low: lower end of its 95% interval.
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


class Resamples:
    """Bootstrap replicates of lists, by their users, and draws of trainings; the same for all.

    A bootstrap over three trainings never reaches beyond the best and the worst of them, and calls
    two equal models different once in four times. So only lists are resampled, paired, and what
    seeds add is a draw from Student's distribution: trainings of two models are two samples,
    whatever their seeds, whose variances may differ.

    Args:
        users: string or binary [B], the user of each list, or its id.

    Source:
        Welch 1947, "The generalization of 'Student's' problem when several different population
        variances are involved".
    """

    def __init__(self, users: pa.Array) -> None:
        self._lists = poisson_weights(users, REPLICATES).astype(np.float64)
        places = np.random.default_rng(1).permutation(REPLICATES)
        self._quantiles = (places + 0.5) / REPLICATES

    def change(self, values: np.ndarray, others: np.ndarray) -> Change:
        """The change from the others' values, paired by lists.

        Args:
            values: float [S, B], NaN where a list does not count.
            others: float [S, B], of what it is measured against.

        Returns:
            The change; NaN where no list counts, or where the others' values are all 0. Its
            interval is empty where both are the same trainings; of one seed it knows lists alone.
        """
        counts = ~np.isnan(values[0])
        if not counts.any():
            return Change(np.nan, np.nan, np.nan, np.nan, 0)
        ours, theirs = values[:, counts], others[:, counts]
        weights = self._lists[counts]
        of_replicates, of_others = (one.mean(axis=0) @ weights for one in (ours, theirs))
        # Of few lists a replicate may draw none, or only those on which the others reach 0.
        known = of_others > 0
        if not known.any():
            return Change(float(ours.mean()), np.nan, np.nan, np.nan, int(counts.sum()))
        relative = of_replicates[known] / of_others[known] - 1
        if not np.array_equal(ours, theirs):
            relative = relative + self._of_seeds(ours.mean(axis=1), theirs.mean(axis=1))[known]
        low, high = np.percentile(relative, _TAILS)
        change = ours.mean() / theirs.mean() - 1
        return Change(float(ours.mean()), float(change), float(low), float(high), int(counts.sum()))

    def _of_seeds(self, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        """What other trainings would have added to the relative change, float [R].

        Args:
            ours: float [S], means of the trainings.
            theirs: float [S], those of the other model.
        """
        seeds = len(ours)
        if seeds == 1:
            return np.zeros(REPLICATES)
        ratio = ours.mean() / theirs.mean()
        variances = np.array([ours.var(ddof=1), ratio**2 * theirs.var(ddof=1)]) / seeds
        if not variances.any():
            return np.zeros(REPLICATES)
        freedom = (seeds - 1) * variances.sum() ** 2 / np.square(variances).sum()
        error = np.sqrt(variances.sum()) / theirs.mean()
        return error * student.ppf(self._quantiles, freedom)


class Estimate(TypedDict):
    """A mean over lists with its 95% bootstrap interval over lists.

    Attributes:
        mean: the mean.
        low: lower end.
        high: upper end.
        lists: number of lists that count.
    """

    mean: float
    low: float
    high: float
    lists: int


class Means:
    """Means over lists, with their intervals; all of them by the same bootstrap replicates.

    Args:
        users: string or binary [B], the user of each list, or its id.
    """

    def __init__(self, users: pa.Array) -> None:
        self._weights = poisson_weights(users, _REPLICATES_OF_MEANS)

    def estimate(self, values: np.ndarray) -> Estimate:
        """Mean of lists' values, or of paired differences.

        Args:
            values: float [B], NaN where a list does not count.

        Returns:
            The estimate; a list has the same weights in a replicate, whatever the values.
        """
        counts = ~np.isnan(values)
        weights = self._weights[counts].astype(np.float64)
        means = values[counts] @ weights / weights.sum(axis=0)
        low, high = np.percentile(means, _TAILS)
        return Estimate(
            mean=float(values[counts].mean()),
            low=float(low),
            high=float(high),
            lists=int(counts.sum()),
        )
