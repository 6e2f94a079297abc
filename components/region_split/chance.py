"""Distances that two draws from one source show by chance alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from components.region_split.distances import distance

_SMALLEST = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class RegionValues:
    """The values of a feature in one region.

    Attributes:
        codes: int [N], below K; the values of a list in random order.
        lists: int [N], ascending from 0 without gaps; the list of each value.
    """

    codes: np.ndarray
    lists: np.ndarray

    @cached_property
    def lengths(self) -> np.ndarray:
        """Int [S], how many values each list has."""
        return np.bincount(self.lists)

    @cached_property
    def places(self) -> np.ndarray:
        """Int [N], the place of each value in its list, from 0."""
        return np.arange(len(self.lists)) - (np.cumsum(self.lengths) - self.lengths)[self.lists]


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


class ChanceByDealing:
    """Expects the distance between two regions of one source from lists that are dealt out anew.

    No formula holds for sparse categories (1,000 values of which 200 rows show a fifth). Each side
    keeps its number of lists and, as far as the dealt lists reach, the lengths of its lists: the
    longest list takes the place of the longest, and values beyond that are left out. Where regions
    have lists of different lengths, a side then gets fewer values than it has (short lists in the
    place of long ones), and not as many of either region as the other side does. Distances after
    deals of single values say what that changes:

        L   whole lists are dealt;
        I'  values: as many as the dealt lists gave each side;
        O'  values: as many of either region as the dealt lists gave each side;
        K'  values: as many as each side has effective lists among the dealt ones;
        I   values: as many as each side really has;
        K   values: as many as each side really has effective lists.

    dealt = sqrt(L^2 - (O'^2 - I'^2)), free of what the regions differ in
    alike = (dealt^2 - I'^2) / (K'^2 - I'^2), from 0 (values of a list are independent) to 1
    expected = dealt * ((1 - alike) I / I' + alike K / K'), each the mean over all deals

    Where the dealt lists give each side what it has, L is expected. Too little is expected where a
    region has few lists that are far longer, with values mostly alike in a list (100 lists of 200
    equal values each against 2,000 of 8, of 1,000 categories: .55 of .89).

    Args:
        measure: name of the distance.
        positions: float [K], see `distances.wasserstein`.
        generator: source of the deals.
    """

    def __init__(self, measure: str, positions: np.ndarray, generator: np.random.Generator) -> None:
        self._measure = measure
        self._positions = positions
        self._generator = generator
        self._found: list[list[float]] = []
        self._complete = True

    def deal(self, first: RegionValues, second: RegionValues) -> None:
        """Deals out the lists of two regions once."""
        regions = first, second
        dealt, effective = self._deal_lists(regions)
        counts = np.stack([self._counts(region.codes) for region in regions])
        pooled, real, kept = counts.sum(axis=0), counts.sum(axis=1), dealt.sum(axis=(1, 2))
        self._complete &= bool((kept == real).all())
        origins = [
            self._deal_values(counts[origin], dealt[:, origin].sum(axis=1)) for origin in range(2)
        ]
        deals = (
            dealt.sum(axis=1),
            self._deal_values(pooled, kept),
            np.sum(origins, axis=0),
            self._deal_values(pooled, effective),
            self._deal_values(pooled, real),
            self._deal_values(pooled, [effective_number(region.lengths) for region in regions]),
        )
        self._found.append([self._distance(*sides) for sides in deals])

    def expected(self) -> float:
        """The expected distance, by all deals so far."""
        lists, kept, origins, effective, real, really_effective = np.mean(
            self._found, axis=0
        ).tolist()
        if self._complete or not kept or not effective:
            return float(lists)
        squared = max(0.0, lists**2 - (origins**2 - kept**2))
        alike = (squared - kept**2) / max(effective**2 - kept**2, _SMALLEST)
        alike = min(1.0, max(0.0, alike))
        return math.sqrt(squared) * (
            (1 - alike) * real / kept + alike * really_effective / effective
        )

    def _deal_lists(self, regions: Sequence[RegionValues]) -> tuple[np.ndarray, list[float]]:
        """Counts of values, int [2, 2, K] by side and region, and effective lists by side."""
        lengths = np.concatenate([region.lengths for region in regions])
        order = self._generator.permutation(len(lengths))
        sides = np.split(order, [len(regions[0].lengths)])
        found, effective = [], []
        for region, lists in zip(regions, sides, strict=True):
            lists = lists[np.argsort(lengths[lists], kind="stable")]
            kept = np.zeros(len(lengths), int)
            kept[lists] = np.minimum(lengths[lists], np.sort(region.lengths))
            effective.append(effective_number(kept))
            parts = np.split(kept, [len(regions[0].lengths)])
            found.append([self._kept(one, part) for one, part in zip(regions, parts, strict=True)])
        return np.array(found), effective

    def _kept(self, region: RegionValues, lengths: np.ndarray) -> np.ndarray:
        """Counts of the first values of each list."""
        return self._counts(region.codes[region.places < lengths[region.lists]])

    def _deal_values(self, counts: np.ndarray, sizes: Sequence[float]) -> np.ndarray:
        """Deals out so many of the values to each side: int [2, K]."""
        first = self._draw(counts, sizes[0])
        return np.stack([first, self._draw(counts - first, sizes[1])])

    def _draw(self, counts: np.ndarray, size: float) -> np.ndarray:
        return self._generator.multivariate_hypergeometric(counts, round(size), method="count")

    def _counts(self, codes: np.ndarray) -> np.ndarray:
        return np.bincount(codes, minlength=len(self._positions))

    def _distance(self, first: np.ndarray, second: np.ndarray) -> float:
        shares = first / first.sum(), second / second.sum()
        return float(distance(self._measure, *shares, self._positions))


def effective_number(lengths: np.ndarray) -> float:
    """Effective lists of one group, see `effective_lists`."""
    return float(effective_lists(lengths, np.zeros(len(lengths), int), 1)[0])
