"""Means over lists, and how sure they are."""

from typing import TypedDict

import numpy as np
import pyarrow as pa

from components.evaluator.bootstrap import poisson_weights

REPLICATES = 2000
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


def estimate(values: np.ndarray, ids: pa.Array) -> Estimate:
    """Mean of lists' values, or of paired differences, with its interval.

    Args:
        values: float [B], NaN where a list does not count.
        ids: string or binary [B], names of the lists.

    Returns:
        The estimate; the same lists get the same weights in a replicate, whatever the values.
    """
    counts = ~np.isnan(values)
    weights = poisson_weights(ids, REPLICATES)[counts].astype(np.float64)
    means = values[counts] @ weights / weights.sum(axis=0)
    low, high = np.percentile(means, _TAILS)
    return Estimate(
        mean=float(values[counts].mean()), low=float(low), high=float(high), lists=int(counts.sum())
    )
