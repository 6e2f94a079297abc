"""Distances that two draws from one source show by chance alone."""

from dataclasses import dataclass

import numpy as np

from components.region_split.distances import distance


@dataclass(frozen=True)
class RegionValues:
    """The values of a feature in one region.

    Attributes:
        codes: int [N], below K.
        places: int [N], ascending from 0; the list of each value.
        lists: number of lists that have a value.
    """

    codes: np.ndarray
    places: np.ndarray
    lists: int


def kolmogorov_smirnov_by_chance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Expected Kolmogorov-Smirnov distance: sqrt(pi / 2) log 2 sqrt((n + m) / (n m)).

    The factor, .87, is the mean of the Kolmogorov distribution.

    Args:
        first: float [...], n, independent values of one draw.
        second: float [...], m.

    Returns:
        float [...], at most 1.
    """
    return np.minimum(1, np.sqrt(np.pi / 2) * np.log(2) * np.sqrt(1 / first + 1 / second))


def share_by_chance(share: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Expected difference of two shares: sqrt(2 / pi) sqrt(p (1 - p) (n + m) / (n m)).

    Args:
        share: float [...], p, the share in both draws together.
        first: float [...], n, independent values of one draw.
        second: float [...], m.

    Returns:
        float [...].
    """
    return np.sqrt(2 / np.pi * share * (1 - share) * (1 / first + 1 / second))


def effective_lists(values: np.ndarray, groups: np.ndarray, number: int) -> np.ndarray:
    """Lists that count in each group (Kish): (sum of values)^2 / sum of values^2.

    The values of a list are not independent, so lists are counted: as many as there are where all
    have the same number of values, fewer where some lists are much longer than the others.

    Args:
        values: int [S], values in each list.
        groups: int [S], the group of each list.
        number: R, number of groups.

    Returns:
        float [R]; 0 where there are no values.
    """
    total = np.bincount(groups, values, number)
    squares = np.bincount(groups, np.square(values), number)
    return np.divide(total**2, squares, out=np.zeros(number), where=squares > 0)


def distance_by_shuffle(
    measure: str,
    first: RegionValues,
    second: RegionValues,
    positions: np.ndarray,
    generator: np.random.Generator,
) -> float:
    """Distance between two regions after their lists were dealt out anew, list by list.

    Args:
        measure: name of the distance.
        first: values of one region.
        second: values of the other region.
        positions: float [K], see `distances.wasserstein`.
        generator: source of the shuffle.

    Returns:
        The distance after one shuffle.
    """
    dealt = generator.permutation(first.lists + second.lists) < first.lists
    codes = np.concatenate([first.codes, second.codes])
    places = np.concatenate([first.places, second.places + first.lists])
    one = np.bincount(codes[dealt[places]], minlength=len(positions))
    other = np.bincount(codes, minlength=len(positions)) - one
    return float(distance(measure, one / one.sum(), other / other.sum(), positions))
