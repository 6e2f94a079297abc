from itertools import permutations

import numpy as np
import pytest

from data.mrr import list_mrr


def _one(gains: list[float], scores: list[float], at: int | None = None) -> float:
    return float(list_mrr(np.array(gains), np.array(scores), np.array([len(gains)]), at)[0])


def test_is_one_over_the_rank_of_the_first_relevant_item() -> None:
    assert _one([0.0, 1.0, 1.0], [3.0, 1.0, 2.0]) == 1 / 2
    assert _one([0.0, 0.0, 7.0], [3.0, 2.0, 1.0]) == 1 / 3
    assert _one([0.0, 0.0, 7.0], [3.0, 2.0, 1.0], at=2) == 0


def test_lists_with_nothing_relevant_are_undefined() -> None:
    found = list_mrr(np.array([1.0, 0.0, 0.0]), np.array([2.0, 1.0, 1.0]), np.array([2, 0, 1]))
    assert found[0] == 1
    assert np.isnan(found[1:]).all()


def test_lists_of_relevant_items_alone_are_undefined() -> None:
    # One item; two that are both relevant, whatever their gains; of the third list one is not.
    found = list_mrr(np.array([1.0, 1.0, 3.0, 1.0, 0.0]), np.arange(5.0), np.array([1, 2, 2]))
    assert np.isnan(found[:2]).all()
    assert found[2] == 1 / 2


@pytest.mark.parametrize("at", [1, 2, 3, 5, None])
@pytest.mark.parametrize("tied", [[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0] * 4])
def test_ties_give_the_mean_over_all_orders(tied: list[float], at: int | None) -> None:
    gains = [0.0, *tied, 1.0]
    orders = [[9.0, *order, 0.0] for order in permutations([4.0, 3.0, 2.0, 1.0])]
    expected = np.mean([_one(gains, order, at) for order in orders])
    assert _one(gains, [9.0, 4.0, 4.0, 4.0, 4.0, 0.0], at) == pytest.approx(expected, abs=1e-12)


def test_constant_score_earns_the_random_expectation() -> None:
    assert _one([0.0, 0.0, 1.0], [1.0, 1.0, 1.0]) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_missing_gain_drops_the_item() -> None:
    assert _one([np.nan, 0.0, 1.0], [3.0, 2.0, 1.0]) == 1 / 2


def test_a_long_tie_stays_exact() -> None:
    # One relevant item among g tied ones: sum of 1/k over k <= g, divided by g.
    expected = np.sum(1 / np.arange(1, 1001)) / 1000
    assert _one([1.0] + [0.0] * 999, [0.5] * 1000) == pytest.approx(expected, abs=1e-12)
