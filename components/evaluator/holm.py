"""Holm's method: intervals of several differences that may be read together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Difference:
    """A difference with the standard error of its replicates.

    Attributes:
        value: the difference.
        standard_error: of the value.
    """

    value: float
    standard_error: float


def holm_intervals(
    differences: Sequence[Difference], confidence: float, degrees: int
) -> list[tuple[float, float]]:
    """Intervals that all hold together with the given confidence.

    The differences are taken in the order of their p-values. The k-th of m is tested at
    (1 - confidence) / (m - k + 1); from the first that is not significant on, all share its
    level. So an interval leaves out 0 exactly where Holm's method rejects.

    Args:
        differences: m differences.
        confidence: level of a single interval, such as 0.95.
        degrees: degrees of freedom of the t distribution.

    Returns:
        The low and the high end for each difference.

    Source:
        Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979.
    """
    values = np.array([difference.value for difference in differences])
    errors = np.array([difference.standard_error for difference in differences])
    probabilities = _two_sided(values, errors, degrees)
    order = np.argsort(probabilities, kind="stable")
    levels = (1 - confidence) / np.arange(len(values), 0, -1)
    accepted = np.flatnonzero(probabilities[order] > levels)
    if len(accepted):
        levels[accepted[0] :] = levels[accepted[0]]
    reach = np.empty(len(values))
    reach[order] = stats.t.ppf(1 - levels / 2, degrees)
    reach *= errors
    return list(zip((values - reach).tolist(), (values + reach).tolist(), strict=True))


def _two_sided(values: np.ndarray, errors: np.ndarray, degrees: int) -> np.ndarray:
    # An error of 0: all lists differ by exactly the value, or by nothing at all.
    sure = np.where(values == 0, 0.0, np.inf)
    sizes = np.divide(np.abs(values), errors, out=sure, where=errors > 0)
    return 2 * stats.t.sf(sizes, degrees)
