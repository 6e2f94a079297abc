"""How a feature moves relevance within lists, by region, and what chance does to the difference.

An item's lift is its part of its list's relevance over the fair part, 1 / n, less 1. Lifts add up
to 0 in each list, however many actions a region has: they say what is wanted, not how much of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.stats import gamma

from components.region_split.coding import Coded
from components.region_split.distances import CATEGORICAL
from data.artifacts.region_split import EffectDistance

# Bins of numbers hold about as many items each; all but the most frequent categories are one. Few
# bins tell more: a taste is smooth, and each bin adds its noise.
BINS, CATEGORIES = 5, 12
# A bin that fewer lists of a region have tells nothing of that region.
FEWEST_LISTS_OF_BIN = 20
# Nor does one whose items' fair parts add up to less than so many lists' relevance: where no action
# has fallen into it by chance, its error would be taken for 0.
FEWEST_FAIR_PARTS = 5
# Chance is what one draw in so many exceeds.
ONE_IN = 1000
DRAWS = 200
DIGITS = 6
# Tells these draws apart from others of the same seed.
PURPOSE = 4


@dataclass(frozen=True)
class Curve:
    """Mean lifts by bin in one region.

    Attributes:
        lists: number of lists.
        shares: float [B], share of the region's items; 0 in bins that say too little.
        lifts: float [B], mean over the items of a bin; 0 in bins that say too little.
        noise: float [B, D], whose product with D independent normal draws is the lifts' error.
    """

    lists: int
    shares: np.ndarray
    lifts: np.ndarray
    noise: np.ndarray


def lifts_of(relevance: np.ndarray, lists: np.ndarray) -> np.ndarray:
    """Lifts, n r / (sum of r in the list) - 1, of the n items whose relevance r is known.

    Args:
        relevance: float [N], NaN where unknown.
        lists: int [N], ascending; the list of each item.

    Returns:
        float [N]; NaN where unknown, and in lists in which no order is better than another.
    """
    known = ~np.isnan(relevance)
    number = int(lists[-1]) + 1 if len(lists) else 0
    r = np.where(known, relevance, 0.0)
    items, total = np.bincount(lists, known, number), np.bincount(lists, r, number)
    squares = np.bincount(lists, r * r, number)
    counts = (total > 0) & (squares * items > total**2 * (1 + 1e-9))
    factor = np.divide(items, total, out=np.full(number, np.nan), where=counts)
    return np.where(known, r * factor[lists] - 1, np.nan)


def bins_of(coded: Coded) -> np.ndarray:
    """A bin for each value, int [N]; missing values have one of their own, the last."""
    present = coded.codes >= 0
    if coded.measure == CATEGORICAL:
        bins = np.minimum(coded.codes, CATEGORIES - 1)
        return np.where(present, bins, CATEGORIES)
    counts = np.bincount(coded.codes[present], minlength=len(coded.positions))
    middle = np.cumsum(counts) - counts / 2
    bin_of_code = np.minimum(BINS * middle / max(1, counts.sum()), BINS - 1).astype(int)
    bins = np.full(len(present), BINS)
    bins[present] = bin_of_code[coded.codes[present]]
    return bins


def compare_effects(
    coded: Coded,
    lifts: np.ndarray,
    region_of_list: np.ndarray,
    fewest_lists: int,
    seed: int,
    looks: int = 1,
) -> EffectDistance | None:
    """Compares the curves of every pair of regions and averages.

    Args:
        coded: the values of N items in S lists.
        lifts: float [N], see above; items without one are left out.
        region_of_list: int [S], ascending; the number of each list's region.
        fewest_lists: regions with fewer lists that have lifts are not compared.
        seed: seed of the draws that estimate chance.
        looks: number of comparisons of which the largest will count.

    Returns:
        The root of the mean square difference, 0 of a feature that is the same for all items of
        each list; None where there are not two regions to compare.
    """
    kept = ~np.isnan(lifts)
    bins, lists, lifts = bins_of(coded)[kept], coded.lists[kept], lifts[kept]
    number = int(bins.max(initial=0)) + 1
    borders = np.searchsorted(region_of_list[lists], np.arange(region_of_list[-1] + 2))
    curves = []
    for start, end in pairwise(borders):
        part = slice(start, end)
        numbered = np.cumsum(np.diff(lists[part], prepend=lists[part][:1]) > 0)
        if end > start and numbered[-1] + 1 >= fewest_lists:
            curves.append(_curve(bins[part], numbered, lifts[part], number))
    if len(curves) < 2:
        return None
    generator = np.random.default_rng([seed, PURPOSE])
    noise = [generator.normal(size=(DRAWS, number)) @ curve.noise.T for curve in curves]
    found = _mean_square(np.stack([curve.lifts for curve in curves])[np.newaxis], curves)
    by_chance = _mean_square(np.stack(noise, axis=1), curves)
    (square,), most = found.tolist(), _exceeded_rarely(by_chance, looks)
    return EffectDistance(
        distance=round(math.sqrt(max(0.0, square - most)), DIGITS),
        raw=round(math.sqrt(square), DIGITS),
        most_by_chance=round(math.sqrt(most), DIGITS),
        component=coded.component,
    )


def _curve(bins: np.ndarray, lists: np.ndarray, lifts: np.ndarray, number: int) -> Curve:
    """The curve of a region, and its error by lists: items of a list are not independent."""
    cells = lists * number + bins
    size = (int(lists[-1]) + 1) * number
    items = np.bincount(cells, minlength=size).reshape(-1, number)
    sums = np.bincount(cells, lifts, size).reshape(-1, number)
    in_bin = items.sum(axis=0)
    enough = np.count_nonzero(items, axis=0) >= FEWEST_LISTS_OF_BIN
    enough &= (items / items.sum(axis=1, keepdims=True)).sum(axis=0) >= FEWEST_FAIR_PARTS
    safe = np.maximum(in_bin, 1)
    means = np.where(enough, sums.sum(axis=0) / safe, 0.0)
    apart = np.where(enough, (sums - items * means) / safe, 0.0)
    values, vectors = np.linalg.eigh(apart.T @ apart * len(apart) / (len(apart) - 1))
    noise = vectors * np.sqrt(np.maximum(values, 0))
    shares = np.where(enough, in_bin, 0)
    return Curve(len(items), shares / max(1, shares.sum()), means, noise)


def _mean_square(lifts: np.ndarray, curves: Sequence[Curve]) -> np.ndarray:
    """Mean over pairs of regions of the mean square difference of their curves.

    Pairs weigh n m / (n + m) by their lists n and m, and bins likewise by their shares of both
    regions' items, as the differences vary the less the more that is. A difference that is the same
    in all bins is left out: lifts are relative to what else a region's lists hold.

    Args:
        lifts: float [K, R, B], in place of those of the curves, K times.
        curves: of the R regions.

    Returns:
        float [K].
    """
    lists = np.array([curve.lists for curve in curves], float)
    shares = np.stack([curve.shares for curve in curves])
    total, weighed = np.zeros(len(lifts)), 0.0
    for i in range(len(curves) - 1):
        of_bins = _halved_harmonic(shares[i], shares[i + 1 :])
        sums = of_bins.sum(axis=1, keepdims=True)
        of_bins = np.divide(of_bins, sums, out=np.zeros_like(of_bins), where=sums > 0)
        apart = lifts[:, i, np.newaxis] - lifts[:, i + 1 :]
        squares = np.einsum("krb,rb->kr", apart**2, of_bins)
        squares -= np.square(np.einsum("krb,rb->kr", apart, of_bins))
        of_pairs = _halved_harmonic(lists[i], lists[i + 1 :])
        total += squares @ of_pairs
        weighed += of_pairs.sum()
    return np.maximum(total / weighed, 0)


def _halved_harmonic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Half of the harmonic mean, a b / (a + b); 0 where both are 0."""
    both = first + second
    return np.divide(first * second, both, out=np.zeros_like(both), where=both > 0)


def _exceeded_rarely(squares: np.ndarray, looks: int) -> float:
    """What one draw in `ONE_IN` exceeds, or one of so many; by a gamma distribution."""
    mean, variance = float(squares.mean()), float(squares.var(ddof=1))
    if variance <= 0:
        return mean
    chance = 1 / ONE_IN / looks
    return float(gamma.isf(chance, mean**2 / variance, scale=variance / mean))
