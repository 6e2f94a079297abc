from itertools import permutations

import numpy as np
import pytest

from data.counterfactual.estimators import (
    ListEstimates,
    Placement,
    doubly_robust,
    effective_size,
    inverse_propensity,
    match_weights,
    matched_lists,
    place,
    position_weights,
)
from data.counterfactual.examination import ExaminationCurve

# Examination halves with every doubling of the position: 1, 1/2, ..., 1/4 at the fourth.
HALVED = -np.log(2.0)
NEVER = np.inf


def curve(lists: int = 1, slopes: tuple[float, ...] = (HALVED, HALVED, HALVED)) -> ExaminationCurve:
    return ExaminationCurve(
        slopes=np.array([slopes]),
        response=np.eye(len(slopes)),
        scores=np.zeros((lists, len(slopes))),
        platform=np.zeros(lists, dtype=int),
    )


def placed(
    scores: list[float],
    positions: list[float],
    row_lengths: list[int] | None = None,
    randomised: bool = False,
) -> Placement:
    lengths = np.array(row_lengths or [len(scores)])
    return place(
        np.array(scores),
        np.array(positions),
        lengths,
        np.zeros(len(lengths), dtype=int),
        np.full(len(lengths), randomised),
    )


def test_the_order_that_was_shown_earns_what_was_logged() -> None:
    lists = placed([3.0, 2.0, 1.0, 9.0, 5.0], [1.0, 2.0, 3.0, 1.0, 2.0], [3, 2])
    weights = position_weights(lists, curve(2), NEVER)
    assert weights.values.tolist() == [1.0] * 5
    assert not weights.by_slope.any()
    earned, expected = np.array([1.0, 0.0, 1.0, 0.0, 1.0]), np.array([0.3, 0.1, 0.9, 0.2, 0.4])
    assert inverse_propensity(lists, weights, earned).values.tolist() == [2.0, 1.0]
    assert doubly_robust(lists, weights, earned, expected).values == pytest.approx([2.0, 1.0])


def test_an_item_that_moves_up_counts_more() -> None:
    # Positions 1, 2 and 4 have 1, 1/2 and 1/4; the last item goes first, and so on.
    lists = placed([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    weights = position_weights(lists, curve(), NEVER)
    assert weights.values == pytest.approx([(1 / 4) / 1, 1, 1 / (1 / 4)])
    found = inverse_propensity(lists, weights, np.array([1.0, 0.0, 1.0]))
    assert found.values == pytest.approx([1 / 4 + 4])


def test_a_weight_is_cut_and_the_model_fills_in() -> None:
    lists = placed([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    weights = position_weights(lists, curve(), 2.0)
    assert weights.values == pytest.approx([1 / 4, 1, 2])
    assert weights.clipped.tolist() == [False, False, True]
    earned, expected = np.array([1.0, 0.0, 1.0]), np.array([0.8, 0.4, 0.6])
    assert inverse_propensity(lists, weights, earned).values == pytest.approx([1 / 4 + 2])
    # Of the last item the model's word counts as far as its weight was cut: 1 * 0.6, and the
    # logs' for the rest. The other two cancel out.
    last = 1 * 0.6 + 2 * (1 - 0.6 / 4)
    found = doubly_robust(lists, weights, earned, expected).values
    assert found == pytest.approx([1 / 4 + last])


def test_equal_scores_share_their_positions() -> None:
    lists = placed([1.0, 1.0, 5.0], [1.0, 2.0, 4.0])
    weights = position_weights(lists, curve(), NEVER)
    shared = (1 / 2 + 1 / 4) / 2
    assert weights.values == pytest.approx([shared / 1, shared / (1 / 2), 1 / (1 / 4)])
    # The last item never stays where it was; the second one does in one order of two.
    assert lists.kept.tolist() == [0.0, 1 / 2, 0.0]


def test_a_constant_score_on_random_orders_earns_what_was_logged() -> None:
    lists = placed([0.0] * 3, [1.0, 2.0, 4.0], randomised=True)
    assert position_weights(lists, curve(), NEVER).values == pytest.approx([1.0] * 3)
    assert match_weights(lists) == pytest.approx([1.0] * 3)


def test_estimates_on_random_orders_are_unbiased() -> None:
    """Over all orders, each as likely as the others; the model of the reward is a bad one."""
    relevance, scores = np.array([0.5, 0.1, 0.3, 0.7]), np.array([2.0, 3.0, 1.0, 4.0])
    examined = np.array([1, 1 / 2, 2 ** (-np.log2(3)), 1 / 4])
    # The fourth item goes first, then the second, the first and the third.
    truth = relevance[[3, 1, 0, 2]] @ examined
    orders = np.array(list(permutations(range(4))))
    lists = placed(
        np.tile(scores, 24).tolist(), (orders + 1.0).ravel().tolist(), [4] * 24, randomised=True
    )
    earned = examined[orders.ravel()] * np.tile(relevance, 24)
    weights = position_weights(lists, curve(24), NEVER)
    wrong = np.tile([0.9, 0.0, 0.2, 0.1], 24)
    for found in (
        inverse_propensity(lists, weights, earned),
        doubly_robust(lists, weights, earned, wrong),
        ListEstimates(lists.list_sums(match_weights(lists) * earned), np.zeros((24, 3))),
    ):
        assert found.values.mean() == pytest.approx(truth)
    # The model is right: nothing is left to chance.
    right = doubly_robust(lists, weights, earned, np.tile(relevance, 24))
    assert right.values == pytest.approx([truth] * 24)
    draws = np.ones((24, 1))
    matched = matched_lists(lists, earned, np.ones(96, dtype=bool)).per_list(draws)
    assert matched == pytest.approx([truth])


def test_a_shown_order_is_corrected_whatever_the_model_says() -> None:
    relevance, examined = np.array([0.5, 0.1, 0.3]), np.array([1.0, 1 / 2, 1 / 4])
    lists = placed([1.0, 3.0, 2.0], [1.0, 2.0, 4.0])
    weights = position_weights(lists, curve(), NEVER)
    truth = examined @ relevance[[1, 2, 0]]
    earned = examined * relevance
    assert inverse_propensity(lists, weights, earned).values == pytest.approx([truth])
    wrong = np.array([0.0, 0.9, 0.9])
    assert doubly_robust(lists, weights, earned, wrong).values == pytest.approx([truth])


@pytest.mark.parametrize("randomised", [False, True])
def test_changes_by_slope_are_derivatives(randomised: bool) -> None:
    lists = placed([1.0, 5.0, 1.0, 7.0], [1.0, 2.0, 3.0, 7.0], randomised=randomised)
    earned, expected = np.array([1.0, 1.0, 0.0, 1.0]), np.array([0.4, 0.3, 0.2, 0.1])

    def both(slopes: tuple[float, ...]) -> list[ListEstimates]:
        weights = position_weights(lists, curve(slopes=slopes), NEVER)
        return [
            inverse_propensity(lists, weights, earned),
            doubly_robust(lists, weights, earned, expected),
        ]

    step, slopes = 1e-6, np.array([-0.3, -0.2, 0.1])
    for one in range(3):
        above, below = (both(tuple(slopes + sign * step * np.eye(3)[one])) for sign in (1, -1))
        for before, up, down in zip(both(tuple(slopes)), above, below, strict=True):
            change = (up.values - down.values) / (2 * step)
            assert before.by_slope[:, one] == pytest.approx(change, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("items", "plain", "normalised"), [(2, 1.0666666666666667, 2.0), (3, 1.6, 1.8666666666666667)]
)
def test_values_are_those_of_open_bandit_pipeline(
    items: int, plain: float, normalised: float
) -> None:
    """obp 0.5.7: SlateIndependentIPS and SelfNormalizedSlateIndependentIPS on the same lists."""
    number = np.arange(15 * items)
    positions = np.tile(np.arange(1.0, items + 1), 15)
    lists = placed(
        np.sin(number * number + 1.0).tolist(), positions.tolist(), [items] * 15, randomised=True
    )
    earned = (np.cos(2.3 * number) > 0.2) * (1.0 + number % 3)
    by_list = lists.list_sums(match_weights(lists) * earned)
    assert by_list.mean() == pytest.approx(plain)
    found = matched_lists(lists, earned, np.ones(len(number), dtype=bool))
    assert found.per_list(np.ones((15, 1))) == pytest.approx([normalised])


def test_a_rank_that_no_item_keeps_is_not_measurable() -> None:
    lists = placed([1.0, 2.0], [1.0, 2.0], randomised=True)
    found = matched_lists(lists, np.array([1.0, 0.0]), np.ones(2, dtype=bool))
    assert np.isnan(found.per_list(np.ones((1, 1)))).all()


def test_effective_size_is_kishs() -> None:
    assert effective_size(np.array([1.0, 1.0, 2.0])) == pytest.approx(
        (1 + 1 + 2) ** 2 / (1 + 1 + 4)
    )
    assert effective_size(np.ones(7)) == 7.0
    assert effective_size(np.zeros(3)) == 0.0
