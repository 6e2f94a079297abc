"""Distances between distributions over the same K ordered values, given as shares."""

import numpy as np
from scipy.special import rel_entr

CATEGORICAL = "jensen_shannon"
# Numbers are cut at this many quantiles of the pooled values. More cuts tell more for measures of
# cumulated shares; for Jensen-Shannon they would only add to the distance expected by chance.
QUANTILES = {"kolmogorov_smirnov": 1000, "jensen_shannon": 30, "wasserstein": 1000}


def kolmogorov_smirnov(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Kolmogorov-Smirnov distance: max over x of |F(x) - G(x)|, in [0, 1].

    Args:
        first: float [..., K], shares that sum to 1.
        second: float [..., K].

    Returns:
        float [...].
    """
    return np.abs(np.cumsum(first - second, axis=-1)).max(axis=-1)


def jensen_shannon(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Jensen-Shannon distance: sqrt((KL(p, m) + KL(q, m)) / 2), m = (p + q) / 2, in [0, 1].

    KL is in bits. It is the square root of the divergence, since that grows with the square of a
    shift: for two normal distributions that lie d deviations apart, Kolmogorov-Smirnov is .40 d and
    this .42 d for small d, so that one threshold serves both.

    Args:
        first: float [..., K], shares that sum to 1.
        second: float [..., K].

    Returns:
        float [...].
    """
    middle = (first + second) / 2
    divergence = (rel_entr(first, middle) + rel_entr(second, middle)).sum(axis=-1) / 2 / np.log(2)
    return np.sqrt(np.clip(divergence, 0, 1))


def wasserstein(first: np.ndarray, second: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Wasserstein distance: the integral of |F(x) - G(x)| over x.

    Args:
        first: float [..., K], shares that sum to 1.
        second: float [..., K].
        positions: float [K], the values in ascending order.

    Returns:
        float [...], in the unit of the positions.
    """
    apart = np.abs(np.cumsum(first - second, axis=-1))[..., :-1]
    return (apart * np.diff(positions)).sum(axis=-1)


def distance(
    measure: str, first: np.ndarray, second: np.ndarray, positions: np.ndarray
) -> np.ndarray:
    """The distance of that name; see the functions above."""
    if measure == "wasserstein":
        return wasserstein(first, second, positions)
    return {"kolmogorov_smirnov": kolmogorov_smirnov, "jensen_shannon": jensen_shannon}[measure](
        first, second
    )
