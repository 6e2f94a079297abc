"""Means over lists, and how sure they are."""

from typing import TypedDict

import numpy as np
import pyarrow as pa

from data.poisson_weights import poisson_weights

_REPLICATES_OF_MEANS = 2_000
_TAILS = (2.5, 97.5)


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
