import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import t as student

from data.metrics.changes import Resamples, Spread, pooled_spread

USERS = pa.array([f"user {number}" for number in range(400)])


def _values(mean: float, seed: int, seeds: int = 3) -> np.ndarray:
    lists = np.random.default_rng(0).uniform(0.2, 0.8, len(USERS))
    noise = np.random.default_rng(seed).normal(0, 0.01, (seeds, len(USERS)))
    return lists * mean + noise


def test_the_change_is_that_of_the_means() -> None:
    values, others = np.array([[0.6, 0.2], [0.4, 0.6]]), np.array([[0.5, 0.1], [0.5, 0.5]])
    change = Resamples(USERS).change(np.tile(values, 200), np.tile(others, 200))
    assert change.ndcg == pytest.approx((0.6 + 0.2 + 0.4 + 0.6) / 4)
    assert change.relative == pytest.approx(1.8 / 1.6 - 1)
    assert change.lists == 400


def test_paired_lists_make_the_interval_narrow() -> None:
    change = Resamples(USERS).change(_values(1.02, 1), _values(1.0, 2))
    assert change.low < change.relative < change.high
    assert change.relative == pytest.approx(0.02, abs=0.005)
    assert change.high - change.low < 0.01
    assert change.significant


def test_no_difference_is_not_significant() -> None:
    change = Resamples(USERS).change(_values(1.0, 1), _values(1.0, 2))
    assert not change.significant
    same = Resamples(USERS).change(_values(1.0, 1), _values(1.0, 1))
    assert (same.relative, same.low, same.high) == (0, 0, 0)


def test_seeds_that_differ_make_the_interval_wide() -> None:
    values = _values(1.0, 1) * np.array([[0.9], [1.0], [1.1]])
    wide = Resamples(USERS).change(values, _values(1.0, 2))
    assert wide.high - wide.low > 0.05


def test_of_equal_lists_the_interval_is_that_of_students_distribution() -> None:
    ours, theirs = np.array([0.61, 0.60, 0.62]), np.array([0.50, 0.52, 0.48])
    change = Resamples(USERS).change(*(np.tile(one[:, None], 400) for one in (ours, theirs)))
    # Deviations .01 and .02; the ratio of the means is 1.22.
    variances = np.array([0.01**2, (1.22 * 0.02) ** 2]) / 3
    freedom = 2 * variances.sum() ** 2 / (variances**2).sum()
    half = student.ppf(0.975, freedom) * np.sqrt(variances.sum()) / 0.5
    assert change.relative == pytest.approx(0.22)
    assert change.high - 0.22 == pytest.approx(half, rel=0.03)
    assert 0.22 - change.low == pytest.approx(half, rel=0.03)


@pytest.mark.parametrize("seeds", [3, 5])
def test_equal_models_are_told_apart_as_rarely_as_the_interval_says(seeds: int) -> None:
    users = USERS[:100]
    resamples = Resamples(users)
    random = np.random.default_rng(4)
    lists = random.uniform(0.2, 0.8, len(users))
    found = 0
    for _ in range(400):
        pair = (lists + random.normal(0, 0.01, (seeds, 1)) for _ in range(2))
        found += resamples.change(*pair).significant
    # 20 of 400 are expected; with as many degrees of freedom as Welch counts it is a few less.
    assert 4 <= found <= 34


def test_one_seed_knows_lists_alone() -> None:
    change = Resamples(USERS).change(_values(1.02, 1, 1), _values(1.0, 2, 1))
    assert 0 < change.low < change.relative < change.high < 0.04


def test_where_no_list_counts_nothing_is_measured() -> None:
    change = Resamples(USERS).change(np.full((3, 400), np.nan), np.full((3, 400), np.nan))
    assert (change.lists, change.significant) == (0, False)
    assert np.isnan([change.ndcg, change.relative, change.low, change.high]).all()


def test_lists_without_a_value_do_not_count() -> None:
    values, others = _values(1.1, 1), _values(1.0, 1)
    values[:, :100], others[:, :100] = np.nan, np.nan
    change = Resamples(USERS).change(values, others)
    assert change.lists == 300
    assert change.ndcg == pytest.approx(values[:, 100:].mean())


def test_few_lists_have_an_interval_too() -> None:
    values, others = (np.full((3, 400), np.nan) for _ in range(2))
    # Of two lists, one replicate in seven draws neither.
    values[:, :2], others[:, :2] = [0.6, 0.5], [0.5, 0.5]
    change = Resamples(USERS).change(values, others)
    assert change.lists == 2
    assert (change.low, change.high) == (pytest.approx(0), pytest.approx(0.6 / 0.5 - 1))


def test_others_without_anything_on_top_leave_nothing_to_measure_against() -> None:
    values, others = (np.full((3, 400), np.nan) for _ in range(2))
    values[:, :3], others[:, :3] = [0.6, 0.5, 0.5], [0.5, 0.5, 0.0]
    change = Resamples(USERS).change(values, others)
    assert change.relative == pytest.approx(1.6 / 1.0 - 1)
    assert np.isfinite([change.low, change.high]).all()
    change = Resamples(USERS).change(values, np.where(np.isnan(others), np.nan, 0))
    assert (change.ndcg, change.lists) == (pytest.approx(1.6 / 3), 3)
    assert np.isnan([change.relative, change.low, change.high]).all()


def test_a_list_counts_as_often_as_its_weight_says() -> None:
    values, others = np.array([[0.6, 0.2, 0.9]]), np.array([[0.5, 0.1, 0.1]])
    change = Resamples(USERS[:3], np.array([3.0, 1.0, 0.0])).change(values, others)
    assert change.relative == pytest.approx((3 * 0.6 + 0.2) / (3 * 0.5 + 0.1) - 1)
    assert change.lists == 2


def test_a_surer_interval_is_wider() -> None:
    pair = _values(1.02, 1), _values(1.0, 2)
    usual, sure = Resamples(USERS).change(*pair), Resamples(USERS, confidence=0.99).change(*pair)
    assert sure.low < usual.low < usual.high < sure.high
    assert sure.relative == usual.relative


def test_a_spread_of_more_trainings_takes_the_place_of_that_of_these() -> None:
    ours, theirs = np.array([0.55, 0.55]), np.array([0.50, 0.50])
    pair = [np.tile(one[:, None], 400) for one in (ours, theirs)]
    change = Resamples(USERS).change(*pair, Spread(0.01, 8))
    # The ratio of the means is 1.1.
    half = student.ppf(0.975, 8) * np.sqrt((1 + 1.1**2) * 0.01**2 / 2) / 0.5
    assert change.high - 0.1 == pytest.approx(half, rel=0.03)
    assert 0.1 - change.low == pytest.approx(half, rel=0.03)


def test_the_pooled_spread_is_that_within_models() -> None:
    found = pooled_spread(np.array([[0.4, 0.5, 0.6], [0.9, 0.9, 0.9]]))
    assert found.deviation == pytest.approx(np.sqrt((0.01 + 0) / 2))
    assert found.freedom == 4


def test_the_share_of_a_gap_is_that_of_the_means() -> None:
    worse, better = np.full((2, 400), 0.5), np.full((2, 400), 0.6)
    share, low, high = Resamples(USERS).share(np.full((2, 400), 0.525), worse, better)
    # Equal lists and trainings leave no doubt.
    assert (share, low, high) == pytest.approx((0.25, 0.25, 0.25))


def test_the_share_of_a_gap_is_as_doubtful_as_trainings_differ() -> None:
    middle = np.tile(np.array([[0.50], [0.56]]), 400)
    worse, better = np.full((2, 400), 0.5), np.full((2, 400), 0.6)
    share, low, high = Resamples(USERS).share(middle, worse, better)
    # Their mean has an error of .06 / sqrt 2 / sqrt 2 = .03, of a gap of .1.
    assert share == pytest.approx(0.3)
    assert (high - low) / 2 == pytest.approx(1.96 * 0.3, rel=0.1)
