import numpy as np
import pytest

from components.region_split.chance import (
    RegionValues,
    distance_by_shuffle,
    effective_lists,
    kolmogorov_smirnov_by_chance,
    share_by_chance,
)
from components.region_split.distances import distance


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


def _draw(generator: np.random.Generator, lists: int, items: int, same: bool) -> RegionValues:
    """Lists of items with categories of a heavy tail; all items of a list have one, or each."""
    shares = 1 / np.arange(1, 1001)
    number = lists if same else lists * items
    codes = generator.choice(1000, number, p=shares / shares.sum())
    places = np.repeat(np.arange(lists), items)
    return RegionValues(np.repeat(codes, items) if same else codes, places, lists)


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("measure", ["jensen_shannon", "wasserstein"])
def test_a_shuffle_of_lists_is_as_far_as_two_draws_from_one_source(
    measure: str, same: bool
) -> None:
    generator = np.random.default_rng(1)
    positions = np.arange(1000) / 300
    draws, shuffles = [], []
    for _ in range(40):
        first, second = _draw(generator, 200, 5, same), _draw(generator, 300, 5, same)
        shares = [np.bincount(g.codes, minlength=1000) / len(g.codes) for g in (first, second)]
        draws.append(distance(measure, *shares, positions))
        shuffles.append(distance_by_shuffle(measure, first, second, positions, generator))
    error = np.hypot(np.std(draws), np.std(shuffles)) / np.sqrt(40)
    assert np.mean(shuffles) == pytest.approx(np.mean(draws), abs=3 * error)
    # Where the items of a list are alike, only lists count, and chance alone goes much further.
    assert np.mean(draws) > (0.5 if same else 0.25) or measure == "wasserstein"
