import numpy as np
import pytest

from data.counterfactual.examination import (
    PLATFORM_SPREAD,
    ActedLists,
    ExaminationCurve,
    fit_examination,
    octaves,
)

# So many lists that the priors weigh nothing.
MANY = 1e6


def pairs(
    first: float, second: float, platform: int = 0, weight: float = MANY
) -> dict[str, np.ndarray]:
    """A list acted on at position 1 and one at position 2, so many of each."""
    return {
        "acted": np.array([1.0, 0.0, 0.0, 1.0]),
        "positions": np.array([1.0, 2.0, 1.0, 2.0]),
        "chance": np.ones(4),
        "row_lengths": np.array([2, 2]),
        "weights": weight * np.array([first, second]),
        "platform": np.array([platform, platform]),
    }


def fit(*parts: dict[str, np.ndarray], platforms: int = 1) -> ExaminationCurve:
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return fit_examination(ActedLists(**joined, platforms=platforms))


def second(curve: ExaminationCurve, platform: int = 0) -> float:
    return float(curve.at(np.array([2.0]), np.array([platform]))[0])


def test_octaves_count_doublings() -> None:
    found = octaves(np.array([1.0, 2.0, 4.0, 6.0, 100.0]), 3)
    expected = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, np.log2(6) - 2], [1, 1, 1]]
    assert found == pytest.approx(np.array(expected))


def test_random_orders_give_the_ratio_of_actions() -> None:
    curve = fit(pairs(30, 10))
    assert second(curve) == pytest.approx(10 / 30, rel=1e-5)
    assert curve.at(np.array([1.0]), np.array([0]))[0] == 1.0


def test_in_a_shown_order_the_chance_of_the_items_is_taken_off() -> None:
    # The first item is twice as likely to be acted on: 2 * 1 to 1 * examination is 30 to 10.
    lists = pairs(30, 10) | {"chance": np.array([2.0, 1.0, 2.0, 1.0])}
    assert second(fit(lists)) == pytest.approx(2 * 10 / 30, rel=1e-5)


def test_without_an_action_all_positions_are_examined_alike() -> None:
    curve = fit(pairs(1, 1) | {"acted": np.zeros(4)})
    assert curve.at(np.array([1.0, 2.0]), np.array([0, 0])).tolist() == [1.0, 1.0]


def test_platforms_have_curves_of_their_own_as_far_as_there_are_lists() -> None:
    web, app = pairs(30, 10), pairs(20, 10, platform=1)
    curve = fit(web, app, platforms=2)
    assert second(curve) == pytest.approx(10 / 30, rel=1e-4)
    assert second(curve, 1) == pytest.approx(10 / 20, rel=1e-4)
    # A platform without lists has what the others share: they differ from it by the prior.
    alone = fit(web, platforms=2)
    assert 1 / 3 < second(alone, 1) < np.exp(np.log(1 / 3) + PLATFORM_SPREAD)


def test_one_step_is_what_another_fit_would_give() -> None:
    lists = [pairs(30, 10, weight=1.0), pairs(20, 10, platform=1, weight=1.0)]
    draws = np.array([1.01, 1.0, 0.99, 1.02])
    before = fit(*lists, platforms=2)
    again = fit(
        lists[0] | {"weights": lists[0]["weights"] * draws[:2]},
        lists[1] | {"weights": lists[1]["weights"] * draws[2:]},
        platforms=2,
    )
    changed = before.changes(draws[:, np.newaxis])[0]
    assert changed == pytest.approx(again.slopes - before.slopes, rel=0.02)
    assert np.abs(changed).min() > 0


def test_the_curve_of_random_orders_is_found() -> None:
    random, lists, items = np.random.default_rng(7), 5_000, 12
    position = np.tile(np.arange(1.0, items + 1), lists)
    # Items are unequal, and stand where chance put them.
    relevance = random.beta(1, 6, lists * items)
    truth = (1 + (position - 1) / 4) ** -0.5
    found = fit_examination(
        ActedLists(
            acted=(random.random(len(position)) < truth * relevance).astype(float),
            positions=position,
            chance=np.ones(len(position)),
            row_lengths=np.full(lists, items),
            weights=np.ones(lists),
            platform=np.zeros(lists, dtype=int),
            platforms=1,
        )
    )
    shown = found.at(position[:items], np.zeros(items, dtype=int))
    # Some 5,000 actions, 400 a position: a deviation is 5% of each.
    assert shown == pytest.approx(truth[:items], rel=0.12)
