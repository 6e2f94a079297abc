"""What the most shifted number of a vector shows by chance: more than one number does.

The largest of 64 Kolmogorov-Smirnov distances is expected at 1.9 times a single one where the
numbers are independent, and at the single one where they are all equal. So lists are dealt out to
the regions anew, in the same way for each number, which keeps what the numbers have in common.
"""

import math
from dataclasses import replace

import numpy as np

from components.region_split.coding import Coded
from components.region_split.comparison import (
    PURPOSE,
    average_difference,
    average_distance,
)

# Deals of the lists of two regions. Averages over more pairs vary less, so that fewer deals do.
DEALS = 20
FEWEST_DEALS = 5


def largest_by_chance(dealt: np.ndarray) -> np.ndarray:
    """How much farther apart the most shifted number is by chance than a number is on average.

    sqrt(D / (D - 1)) mean over deals of max over numbers of (distance - mean distance); the mean
    is the number's own, and the factor makes up for its being that of the same D deals.

    Args:
        dealt: float [M, D, 2], distances of M numbers after D deals, of values and missing shares.

    Returns:
        float [2]; 0 where M is 1.
    """
    deals = dealt.shape[1]
    above = (dealt - dealt.mean(axis=1, keepdims=True)).max(axis=0)
    return math.sqrt(deals / (deals - 1)) * above.mean(axis=0)


def deal_numbers(
    coded: Coded, region_of_list: np.ndarray, fewest_lists: int, seed: int
) -> np.ndarray:
    """Distances after the lists were dealt out to the regions anew.

    Args:
        coded: one number of a vector.
        region_of_list: int [S], ascending; the number of each list's region.
        fewest_lists: regions with fewer lists that have a value are not compared by value.
        seed: the same one deals alike for all numbers of a vector.

    Returns:
        float [D, 2], averages over pairs of regions: of values, and of missing shares; 0 where
        there are not two regions to compare.
    """
    generator = np.random.default_rng([seed, PURPOSE])
    order = np.lexsort((generator.random(len(coded.lists)), coded.lists))
    coded = replace(coded, codes=coded.codes[order])
    regions = int(region_of_list[-1]) + 1
    compared = _compared(coded, region_of_list, fewest_lists)
    found = np.zeros((max(FEWEST_DEALS, math.ceil(2 * DEALS / regions)), 2))
    for deal in found:
        keys = generator.random(len(region_of_list))
        if compared.any():
            codes, lists = coded.codes[compared], coded.lists[compared]
            deal[0] = _values_apart(coded, codes, _dealt(lists, region_of_list, keys), regions)
        if (coded.codes < 0).any():
            deal[1] = _missing_apart(coded, _dealt(coded.lists, region_of_list, keys), regions)
    return found


def _compared(coded: Coded, region_of_list: np.ndarray, fewest_lists: int) -> np.ndarray:
    """Bool [N], values that are not missing, of regions with enough lists that have some."""
    present = coded.codes >= 0
    lists = np.unique(coded.lists[present])
    enough = np.bincount(region_of_list[lists], minlength=region_of_list[-1] + 1) >= fewest_lists
    if enough.sum() < 2:
        return np.zeros(len(present), bool)
    return present & enough[region_of_list[coded.lists]]


def _dealt(lists: np.ndarray, region_of_list: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Deals the lists that have values to the places of these lists.

    In a region, the longest list takes the place of the longest, and values beyond that are left
    out, so that no region gets more values than it has.

    Args:
        lists: int [N], ascending; the list of each value.
        region_of_list: int [S], ascending.
        keys: float [S]; lists are dealt in their order.

    Returns:
        int [N], the region that each value comes to; -1 where it is left out.
    """
    lengths = np.bincount(lists, minlength=len(region_of_list))
    places = np.flatnonzero(lengths)
    dealt = places[np.argsort(keys[places])]
    dealt = dealt[np.lexsort((lengths[dealt], region_of_list[places]))]
    places = places[np.lexsort((lengths[places], region_of_list[places]))]
    kept, region = np.zeros_like(region_of_list), np.zeros_like(region_of_list)
    kept[dealt] = np.minimum(lengths[dealt], lengths[places])
    region[dealt] = region_of_list[places]
    place = np.arange(len(lists)) - (np.cumsum(lengths) - lengths)[lists]
    return np.where(place < kept[lists], region[lists], -1)


def _values_apart(coded: Coded, codes: np.ndarray, region: np.ndarray, regions: int) -> float:
    kept, number = region >= 0, len(coded.positions)
    places = region[kept] * number + codes[kept]
    counts = np.bincount(places, minlength=regions * number).reshape(regions, number)
    return average_distance(coded, counts[counts.any(axis=1)])


def _missing_apart(coded: Coded, region: np.ndarray, regions: int) -> float:
    kept = region >= 0
    values = np.bincount(region[kept], minlength=regions)
    missing = np.bincount(region[kept], coded.codes[kept] < 0, regions)
    present = values > 0
    return average_difference(missing[present] / values[present]) if present.sum() > 1 else 0.0
