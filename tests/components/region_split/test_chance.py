from math import comb

import numpy as np
import pytest

from components.region_split.chance import (
    ChanceByDealing,
    RegionValues,
    effective_lists,
    kolmogorov_smirnov_by_chance,
    share_by_chance,
)
from components.region_split.coding import POOLED_SCALE, Coded
from components.region_split.comparison import Comparison, compare
from components.region_split.distances import jensen_shannon


def test_kolmogorov_smirnov_by_chance_is_the_stated_formula() -> None:
    expected = 0.87 * np.sqrt((200 + 300) / (200 * 300))
    found = kolmogorov_smirnov_by_chance(np.array(200.0), np.array(300.0))
    assert found == pytest.approx(expected, rel=2e-3)
    assert kolmogorov_smirnov_by_chance(np.array(1.0), np.array(1.0)) == 1


def test_shares_of_one_source_differ_as_expected() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.binomial(200, 0.3, 4000), generator.binomial(500, 0.3, 4000)
    expected = share_by_chance(np.array(0.3), np.array(200.0), np.array(500.0))
    assert np.abs(first / 200 - second / 500).mean() == pytest.approx(expected, rel=0.03)
    assert share_by_chance(np.array(0.0), np.array(9.0), np.array(9.0)) == 0


def test_lists_of_equal_length_all_count_and_a_long_one_counts_less() -> None:
    values = np.array([7, 7, 7, 1, 3, 0, 0])
    groups = np.array([0, 0, 0, 1, 1, 1, 2])
    assert effective_lists(values, groups, 3).tolist() == [3, (1 + 3) ** 2 / (1 + 9), 0]


def _values(
    lists: int, length: int, values: int, alike: float, shift: float, generator: np.random.Generator
) -> list[np.ndarray]:
    """Lists of values; of a list, a share is alike; every other value is more or less frequent."""
    chances = np.exp(shift * np.where(np.arange(values) % 2, 1, -1))
    chances /= chances.sum()
    codes = generator.choice(values, (lists, length), p=chances)
    common = generator.choice(values, (lists, 1), p=chances)
    return list(np.where(generator.random((lists, length)) < alike, common, codes))


def _compared(
    measure: str,
    sizes: tuple[tuple[int, int], tuple[int, int]],
    values: int,
    alike: float,
    shift: float,
    seed: int,
) -> Comparison:
    """Two regions of so many lists of so many items, the second one shifted."""
    generator = np.random.default_rng(seed)
    rows = [
        _values(*size, values, alike, shift * place, generator) for place, size in enumerate(sizes)
    ]
    lengths = np.concatenate([np.full(*size) for size in sizes])
    coded = Coded(
        measure,
        np.concatenate([np.concatenate(region) for region in rows]),
        np.repeat(np.arange(len(lengths)), lengths),
        np.arange(values) / values * np.sqrt(12) / POOLED_SCALE,
    )
    regions = np.repeat([0, 1], [size[0] for size in sizes])
    return compare(coded, regions, fewest_lists=100, seed=1)


LONG_AND_SHORT = ((2000, 20), (400, 5))
AS_MANY = ((1000, 40), (1000, 8))


@pytest.mark.parametrize(
    ("measure", "sizes", "values", "alike"),
    [
        ("jensen_shannon", LONG_AND_SHORT, 1000, 0.0),
        ("jensen_shannon", LONG_AND_SHORT, 1000, 1.0),
        ("jensen_shannon", LONG_AND_SHORT, 30, 0.5),
        ("jensen_shannon", AS_MANY, 1000, 0.0),
        ("jensen_shannon", AS_MANY, 1000, 0.5),
        ("jensen_shannon", ((300, 1), (500, 7)), 100, 0.0),
        ("jensen_shannon", ((200, 5), (300, 5)), 1000, 1.0),
        ("wasserstein", LONG_AND_SHORT, 1000, 0.0),
        ("wasserstein", AS_MANY, 1000, 1.0),
    ],
)
def test_regions_of_one_source_are_as_far_apart_as_expected(
    measure: str, sizes: tuple[tuple[int, int], tuple[int, int]], values: int, alike: float
) -> None:
    found = [_compared(measure, sizes, values, alike, 0.0, seed) for seed in range(10, 18)]
    raw = np.array([one.raw for one in found])
    expected = np.array([one.expected_by_chance for one in found])
    error = np.hypot(raw.std(), expected.std()) / np.sqrt(len(found))
    assert expected.mean() == pytest.approx(raw.mean(), abs=max(0.02, 3 * error))
    assert max(one.distance for one in found) < 0.1


@pytest.mark.parametrize("sizes", [LONG_AND_SHORT, AS_MANY])
def test_numbers_of_one_source_are_not_shifted_by_the_lengths_of_lists(
    sizes: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    for alike in (0.0, 1.0):
        found = [
            _compared("kolmogorov_smirnov", sizes, 1000, alike, 0.0, seed) for seed in range(10, 15)
        ]
        assert max(one.distance for one in found) < 0.05


def test_missing_shares_of_one_source_are_not_shifted_by_the_lengths_of_lists() -> None:
    # In half of the lists nothing is known: 2,000 and 400 draws, whatever the number of items.
    apart = []
    for seed in range(10, 26):
        generator = np.random.default_rng(seed)
        lengths = np.repeat([20, 5], [2000, 400])
        codes = np.repeat(np.where(generator.random(2400) < 0.5, -1, 0), lengths)
        coded = Coded("jensen_shannon", codes, np.repeat(np.arange(2400), lengths), np.zeros(1))
        apart.append(compare(coded, np.repeat([0, 1], [2000, 400]), 100, seed))
    expected = np.sqrt(2 / np.pi * 0.25 * (1 / 2000 + 1 / 400))
    assert apart[0].missing_expected_by_chance == pytest.approx(expected, rel=0.01)
    assert np.mean([one.missing_raw for one in apart]) == pytest.approx(expected, rel=0.4)


@pytest.mark.parametrize("alike", [0.0, 0.5])
@pytest.mark.parametrize("sizes", [LONG_AND_SHORT, AS_MANY])
def test_a_shift_is_no_chance_however_long_the_lists_are(
    sizes: tuple[tuple[int, int], tuple[int, int]], alike: float
) -> None:
    # Chances of exp(-.4) and exp(.4): shares of .310 and .690 against 1/2, .165 apart.
    shares = np.exp([-0.4, 0.4]) / np.exp([-0.4, 0.4]).sum()
    apart = jensen_shannon(shares, np.full(2, 0.5))
    for values in (4, 30):
        found = _compared("jensen_shannon", sizes, values, alike, 0.4, 10)
        noise = _compared("jensen_shannon", sizes, values, alike, 0.0, 10).raw
        # Squares add up: a true distance, and the one by chance.
        assert found.raw == pytest.approx(np.hypot(apart, noise), abs=0.03)
        assert found.expected_by_chance < 0.1
        assert found.distance > 0.08
    assert apart == pytest.approx(0.165, abs=0.001)


def test_equal_lists_are_dealt_out_whole() -> None:
    # All values of a list are alike: 4 lists of region A hold 0, 4 of region B hold 1. A deal gives
    # A k of its own lists with the chance C(4, k)^2 / C(8, 4), and shares of k/4 and 1 - k/4.
    regions = [RegionValues(np.full(12, code), np.repeat(np.arange(4), 3)) for code in (0, 1)]
    chance = ChanceByDealing("kolmogorov_smirnov", np.arange(2.0), np.random.default_rng(1))
    for _ in range(2000):
        chance.deal(*regions)
    expected = sum(comb(4, k) ** 2 / comb(8, 4) * abs(2 * k - 4) / 4 for k in range(5))
    assert chance.expected() == pytest.approx(expected, abs=0.02)
