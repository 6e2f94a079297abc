from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from data.metrics.list_metrics import list_mrr, list_ndcg, random_ndcg
from data.metrics.ranked import order_matters
from data.metrics.relevance import gain

# Discounts of the first ranks.
SECOND, THIRD = 1 / np.log2(3), 1 / np.log2(4)


def _one(gains: list[float], scores: list[float], at: int | None = None) -> float:
    return float(list_ndcg(np.array(gains), np.array(scores), np.array([len(gains)]), at)[0])


def test_gain_is_two_to_the_grade_less_one() -> None:
    found = _one(list(gain(np.array([1.0, 4.0, 0.0]))), [3.0, 2.0, 1.0], at=3)
    assert found == pytest.approx((1 + 15 * SECOND) / (15 + 1 * SECOND))
    assert round(found, 4) == 0.6694


def test_lists_with_nothing_relevant_are_undefined() -> None:
    gains = np.array([1.0, 0.0, 0.0, 0.0])
    found = list_ndcg(gains, np.array([2.0, 1.0, 2.0, 1.0]), np.array([2, 2]))
    assert found[0] == 1.0
    assert np.isnan(found[1])
    assert np.isnan(list_ndcg(np.zeros(0), np.zeros(0), np.array([0, 0]))).all()


def test_lists_in_which_no_order_can_be_wrong_are_undefined() -> None:
    # One item, one known item, equal items; of the last list one order is better than the other.
    gains = np.array([1.0, 3.0, np.nan, 1.0, 1.0, 1.0, 3.0])
    found = list_ndcg(gains, np.arange(7.0), np.array([1, 2, 2, 2]))
    assert np.isnan(found[:3]).all()
    assert found[3] == 1.0
    assert order_matters(gains, np.array([1, 2, 2, 0, 2])).tolist() == [False] * 4 + [True]
    assert order_matters(np.zeros(0), np.array([0])).tolist() == [False]


def test_equal_scores_share_their_mean_gain() -> None:
    found = _one([3.0, 0.0, 1.0], [2.0, 1.0, 1.0])
    assert found == pytest.approx((3 + 0.5 * SECOND + 0.5 * THIRD) / (3 + 1 * SECOND))


@pytest.mark.parametrize("at", [1, 2, 3, 4, None])
def test_ties_give_the_mean_over_all_orders_also_across_the_cut(at: int | None) -> None:
    gains, scores = [0.0, 7.0, 1.0, 3.0], [5.0, 2.0, 2.0, 2.0]
    orders = [[3.0, *order] for order in permutations([2.0, 1.0, 0.0])]
    expected = np.mean([_one(gains, order, at) for order in orders])
    assert _one(gains, scores, at) == pytest.approx(expected, abs=1e-12)


def test_constant_score_earns_the_random_expectation_whatever_the_order() -> None:
    gains = np.array([1.0, 0.0, 0.0])
    expected = (1 + SECOND + THIRD) / 3
    for order in permutations(range(3)):
        found = random_ndcg(gains[list(order)], np.array([3]))
        assert found[0] == pytest.approx(expected)


def test_missing_gain_drops_the_item() -> None:
    assert _one([1.0, np.nan, 3.0], [3.0, 2.0, 1.0]) == _one([1.0, 3.0], [3.0, 1.0])
    assert np.isnan(_one([np.nan, 0.0], [2.0, 1.0]))


@pytest.mark.parametrize("at", [None, 1, 3, 10])
@pytest.mark.parametrize("levels", [3, 10_000])
def test_agrees_with_scikit_learn(at: int | None, levels: int) -> None:
    generator = np.random.default_rng(levels)
    row_lengths = generator.integers(2, 30, 200)
    gains = gain(generator.choice([0, 1, 2, 5], p=[0.7, 0.2, 0.05, 0.05], size=row_lengths.sum()))
    scores = generator.integers(0, levels, row_lengths.sum()) / levels
    found = list_ndcg(gains, scores, row_lengths, at)
    starts = np.cumsum(row_lengths) - row_lengths
    for value, start, length in zip(found, starts, row_lengths, strict=True):
        items = slice(start, start + length)
        if gains[items].max() == gains[items].min():
            assert np.isnan(value)
        else:
            oracle = ndcg_score(gains[None, items], scores[None, items], k=at)
            assert value == pytest.approx(oracle, abs=1e-12)


def test_other_lists_and_the_order_of_items_change_nothing() -> None:
    generator = np.random.default_rng(1)
    gains, scores = generator.integers(0, 2, 12).astype(float), generator.random(12)
    together = list_ndcg(gains, scores, np.array([5, 7]))
    shuffled = generator.permutation(7) + 5
    assert list_ndcg(gains[shuffled], scores[shuffled], np.array([7]))[0] == together[1]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="as many gains and scores"):
        list_ndcg(np.ones(3), np.ones(3), np.array([2]))
    with pytest.raises(ValueError, match="found 1 NaN"):
        list_ndcg(np.ones(2), np.array([1.0, np.nan]), np.array([2]))
    with pytest.raises(ValueError, match="at least 0, found -2"):
        list_ndcg(np.array([-2.0, 1.0]), np.ones(2), np.array([2]))
    with pytest.raises(ValueError, match="rank of at least 1"):
        list_ndcg(np.ones(2), np.ones(2), np.array([2]), at=0)


def _one_mrr(gains: list[float], scores: list[float], at: int | None = None) -> float:
    return float(list_mrr(np.array(gains), np.array(scores), np.array([len(gains)]), at)[0])


def test_mrr_is_one_over_the_rank_of_the_first_relevant_item() -> None:
    assert _one_mrr([0.0, 1.0, 1.0], [3.0, 1.0, 2.0]) == 1 / 2
    assert _one_mrr([0.0, 0.0, 7.0], [3.0, 2.0, 1.0]) == 1 / 3
    assert _one_mrr([0.0, 0.0, 7.0], [3.0, 2.0, 1.0], at=2) == 0


def test_mrr_lists_with_nothing_relevant_are_undefined() -> None:
    found = list_mrr(np.array([1.0, 0.0, 0.0]), np.array([2.0, 1.0, 1.0]), np.array([2, 0, 1]))
    assert found[0] == 1
    assert np.isnan(found[1:]).all()


def test_mrr_lists_of_relevant_items_alone_are_undefined() -> None:
    # One item; two that are both relevant, whatever their gains; of the third list one is not.
    found = list_mrr(np.array([1.0, 1.0, 3.0, 1.0, 0.0]), np.arange(5.0), np.array([1, 2, 2]))
    assert np.isnan(found[:2]).all()
    assert found[2] == 1 / 2


@pytest.mark.parametrize("at", [1, 2, 3, 5, None])
@pytest.mark.parametrize("tied", [[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0] * 4])
def test_mrr_ties_give_the_mean_over_all_orders(tied: list[float], at: int | None) -> None:
    gains = [0.0, *tied, 1.0]
    orders = [[9.0, *order, 0.0] for order in permutations([4.0, 3.0, 2.0, 1.0])]
    expected = np.mean([_one_mrr(gains, order, at) for order in orders])
    assert _one_mrr(gains, [9.0, 4.0, 4.0, 4.0, 4.0, 0.0], at) == pytest.approx(expected, abs=1e-12)


def test_mrr_constant_score_earns_the_random_expectation() -> None:
    assert _one_mrr([0.0, 0.0, 1.0], [1.0, 1.0, 1.0]) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_mrr_missing_gain_drops_the_item() -> None:
    assert _one_mrr([np.nan, 0.0, 1.0], [3.0, 2.0, 1.0]) == 1 / 2


def test_mrr_a_long_tie_stays_exact() -> None:
    # One relevant item among g tied ones: sum of 1/k over k <= g, divided by g.
    expected = np.sum(1 / np.arange(1, 1001)) / 1000
    assert _one_mrr([1.0] + [0.0] * 999, [0.5] * 1000) == pytest.approx(expected, abs=1e-12)
