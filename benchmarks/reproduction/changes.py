"""Relative changes of NDCG, and how sure they are over lists and seeds."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from components.evaluator.bootstrap import poisson_weights

REPLICATES = 1_000
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
    """Bootstrap replicates of lists, by their users, and of seeds; the same for every pair.

    Args:
        users: string or binary [B], the user of each list, or its id.
        seeds: number of seeds, S.
    """

    def __init__(self, users: pa.Array, seeds: int) -> None:
        self._lists = poisson_weights(users, REPLICATES).astype(np.float64)
        generator = np.random.default_rng(1)
        self._seeds = generator.multinomial(seeds, np.full(seeds, 1 / seeds), REPLICATES).T

    def change(self, values: np.ndarray, others: np.ndarray) -> Change:
        """The change from the others' values, paired by lists and seeds.

        Args:
            values: float [S, B], NaN where a list does not count.
            others: float [S, B], of what it is measured against.

        Returns:
            The change; NaN where no list counts, or where the others' values are all 0.
        """
        counts = ~np.isnan(values[0])
        if not counts.any():
            return Change(np.nan, np.nan, np.nan, np.nan, 0)
        ours, theirs = values[:, counts], others[:, counts]
        of_replicates, of_others = (self._means(one, counts) for one in (ours, theirs))
        # Of few lists a replicate may draw none, or only those on which the others reach 0.
        known = of_others > 0
        if not known.any():
            return Change(float(ours.mean()), np.nan, np.nan, np.nan, int(counts.sum()))
        relative = of_replicates[known] / of_others[known] - 1
        low, high = np.percentile(relative, _TAILS)
        change = ours.mean() / theirs.mean() - 1
        return Change(float(ours.mean()), float(change), float(low), float(high), int(counts.sum()))

    def _means(self, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Mean in each replicate, float [R], NaN where it draws no list."""
        weights = self._lists[counts]
        with np.errstate(invalid="ignore"):
            of_seeds = values @ weights / weights.sum(axis=0)
        return (of_seeds * self._seeds).sum(axis=0) / self._seeds.sum(axis=0)
