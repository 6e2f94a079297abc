"""Intervals from replicates of a bootstrap: how they are made, and what they have to rest on."""

from functools import cache

import numpy as np
from scipy import stats

from components.evaluator.results import Estimate

# A mean has a standard error if it rests on 2 lists, on more than one user, and on some list in
# half of the replicates.
LEAST_LISTS = 2
LEAST_USERS = 1.5
_LEAST_REPLICATES = 0.5


def effective_users(weights: np.ndarray) -> np.ndarray:
    """How many users of equal weight would vary as the replicates do.

    A user's weight is drawn with variance 1, so that of K users together with 1 / K of its square.

    Args:
        weights: float [..., 1 + R], the sum of weights, then that of each of R replicates.

    Returns:
        float [...], infinite where the replicates do not vary.
    """
    squares, spread = weights[..., 0] ** 2, np.var(weights[..., 1:], axis=-1, ddof=1)
    return np.divide(squares, spread, out=np.full_like(squares, np.inf), where=spread > 0)


def standard_error(replicates: np.ndarray) -> float | None:
    """Standard deviation of the replicates behind a value.

    Args:
        replicates: float [1 + R], the value, then its replicates, NaN where one cannot be made.

    Returns:
        The deviation; None where fewer than half of the replicates can be made.
    """
    drawn = replicates[1:][np.isfinite(replicates[1:])]
    if len(drawn) < _LEAST_REPLICATES * (len(replicates) - 1):
        return None
    return float(np.std(drawn, ddof=1))


def interval_of(value: float, error: float, degrees: int, confidence: float) -> Estimate:
    """The interval value -+ t * error, t of so many degrees of freedom."""
    reach = _quantile((1 + confidence) / 2, degrees) * error
    return Estimate(value=value, low=value - reach, high=value + reach, standard_error=error)


@cache
def _quantile(share: float, degrees: int) -> float:
    """Of Student's t; the thousands of intervals of an evaluation ask for the same one."""
    return float(stats.t.ppf(share, degrees))
