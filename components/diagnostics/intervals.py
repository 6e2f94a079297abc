"""Means over lists with intervals, where lists are independent of one another."""

import numpy as np

from components.evaluator.results import Estimate

# Of the normal distribution, for an interval of 95%.
_DEVIATIONS = 1.959964
_FEWEST = 2


def mean_over_lists(values: np.ndarray, sizes: np.ndarray) -> Estimate:
    """A weighted mean, the ratio of two sums over lists, with its 95% interval.

    mean = sum of values / sum of sizes; its error is that of the ratio,
    sqrt(sum over lists of (value - mean * size)^2) / sum of sizes.

    Args:
        values: float [B], what each list adds to the numerator.
        sizes: float [B], what each list adds to the denominator.

    Returns:
        The mean; without an interval for one list, and empty where all sizes are 0.
    """
    total = float(sizes.sum())
    if not total > 0:
        return Estimate()
    mean = float(values.sum()) / total
    lists = int(np.count_nonzero(sizes))
    if lists < _FEWEST:
        return Estimate(value=mean)
    correction = lists / (lists - 1)
    error = float(np.sqrt(correction * np.square(values - mean * sizes).sum())) / total
    half = _DEVIATIONS * error
    return Estimate(value=mean, low=mean - half, high=mean + half, standard_error=error)
