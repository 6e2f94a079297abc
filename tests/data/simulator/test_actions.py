from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from data.simulator.actions import FALSE_CLICKS, Funnel, examination
from data.simulator.skipped_steps import CART_SKIPPED, CLICK_SKIPPED

Simulate = Callable[..., pa.Table]
TASKS = ("click", "add_to_cart", "purchase")


def _numbers(table: pa.Table, column: str) -> np.ndarray:
    return table[column].to_numpy().astype(float)


@pytest.fixture(scope="module")
def unbiased(simulated: Simulate) -> pa.Table:
    return simulated(position_bias=False)


@pytest.fixture(scope="module")
def randomised(simulated: Simulate) -> pa.Table:
    return simulated(randomised_share=1, lists=8_000)


def _platform(table: pa.Table) -> np.ndarray:
    return (table["platform"].to_numpy() == "app").astype(int)


def _assert_calibrated(happened: np.ndarray, probability: np.ndarray) -> None:
    deviation = np.sqrt(np.sum(probability * (1 - probability)))
    assert abs(happened.sum() - probability.sum()) < 4 * deviation


def test_attention_fades_with_the_position() -> None:
    web, app = 0, 1
    position, platform = np.array([1, 7, 1, 5]), np.array([web, web, app, app])
    # (1 + 6 / 6)^-.5 on the web and (1 + 4 / 4)^-.5 on the app
    expected = [1, 2**-0.5, 1, 2**-0.5]
    assert examination(position, platform, bias=True) == pytest.approx(expected)
    assert examination(position, platform, bias=False).tolist() == [1, 1, 1, 1]


def test_probabilities_multiply_along_the_funnel() -> None:
    step = [np.array([value], dtype=np.float32) for value in (0.5, 0.2, 0.4, 0.1)]
    click, cart, purchase = Funnel(*step).actions()
    assert click == pytest.approx([1 - (1 - 0.5) * (1 - 0.1)])
    assert cart == pytest.approx([0.5 * 0.2])
    assert purchase == pytest.approx([0.5 * 0.2 * 0.4])


@pytest.mark.parametrize("task", TASKS)
def test_actions_happen_as_often_as_their_true_probability_says(
    unbiased: pa.Table, task: str
) -> None:
    happened = _numbers(unbiased, task)
    probability = _numbers(unbiased, f"true_probability_{task}")
    _assert_calibrated(happened, probability)
    bounds = np.quantile(probability, np.linspace(0, 1, 11)[1:-1])
    bucket = np.searchsorted(bounds, probability)
    for number in range(10):
        _assert_calibrated(happened[bucket == number], probability[bucket == number])
    for region in set(unbiased["country"].to_pylist()):
        here = unbiased["country"].to_numpy() == region
        _assert_calibrated(happened[here], probability[here])


@pytest.mark.parametrize("task", TASKS)
def test_on_randomised_traffic_examination_explains_the_rest(
    randomised: pa.Table, task: str
) -> None:
    examined = examination(randomised["position"].to_numpy(), _platform(randomised), bias=True)
    probability = _numbers(randomised, f"true_probability_{task}") * examined
    happened = _numbers(randomised, task)
    _assert_calibrated(happened, probability)
    low = randomised["position"].to_numpy() > 20
    _assert_calibrated(happened[low], probability[low])


def test_position_bias_can_be_switched_off(unbiased: pa.Table, randomised: pa.Table) -> None:
    def first_over_last(table: pa.Table) -> float:
        kept = table.filter(pa.compute.equal(table["randomised"], 1))
        position, click = kept["position"].to_numpy(), _numbers(kept, "click")
        return float(click[position <= 3].mean() / click[position > 20].mean())

    assert first_over_last(randomised) > 1.7
    assert first_over_last(unbiased) == pytest.approx(1, abs=0.2)


def test_true_probabilities_know_no_position(logs: pa.Table, unbiased: pa.Table) -> None:
    for task in TASKS:
        column = f"true_probability_{task}"
        assert logs[column].equals(unbiased[column])


def test_false_clicks_come_on_top_and_more_on_the_app(logs: pa.Table, simulated: Simulate) -> None:
    meant = simulated(false_clicks=False)
    added = _numbers(logs, "click") - _numbers(meant, "click")
    assert added.min() == 0
    assert all(logs[task].equals(meant[task]) for task in TASKS[1:])
    before = _numbers(meant, "true_probability_click")
    after = _numbers(logs, "true_probability_click")
    expected = before + (1 - before) * FALSE_CLICKS[_platform(logs)]
    assert np.max(np.abs(after - expected)) < 1e-6
    on_app = _platform(logs) == 1
    assert added[on_app].mean() > 3 * added[~on_app].mean()


def test_false_clicks_change_no_order_within_a_list(logs: pa.Table, simulated: Simulate) -> None:
    meant = simulated(false_clicks=False)
    rows = logs["list_id"].to_numpy().astype(int)
    before, after = (_numbers(table, "true_probability_click") for table in (meant, logs))
    order = np.lexsort((before, rows))
    # Rounding to 32 bits may turn a difference of 1e-7 around.
    within = np.diff(rows[order]) == 0
    assert np.all(np.diff(after[order])[within] > -1e-6)


def test_steps_are_skipped_where_asked_for_alone(logs: pa.Table, simulated: Simulate) -> None:
    skipping = simulated(skipped_steps=True)
    click, cart, purchase = (_numbers(logs, task) > 0 for task in TASKS)
    now_click, now_cart, now_purchase = (_numbers(skipping, task) > 0 for task in TASKS)
    assert np.array_equal(now_purchase, purchase)
    assert not (now_click & ~click).any()
    assert not (now_cart & ~cart).any()
    # A click goes only where a cart follows, a cart only where a purchase does.
    assert not (click & ~now_click & ~cart).any()
    assert not (cart & ~now_cart & ~purchase).any()
    assert (cart & ~now_cart).sum() / purchase.sum() == pytest.approx(CART_SKIPPED, abs=0.03)
    # A click that is skipped may still have been made by accident.
    assert (click & ~now_click).sum() / cart.sum() == pytest.approx(CLICK_SKIPPED, abs=0.03)
    others = [name for name in logs.column_names if not name.endswith(TASKS[:2])]
    assert all(skipping[name].equals(logs[name]) for name in others)


@pytest.mark.parametrize("task", TASKS)
def test_true_probabilities_hold_where_steps_are_skipped(task: str, simulated: Simulate) -> None:
    table = simulated(skipped_steps=True, position_bias=False)
    _assert_calibrated(_numbers(table, task), _numbers(table, f"true_probability_{task}"))


def test_probabilities_of_skipped_steps_by_arithmetic() -> None:
    step = [np.array([value], dtype=np.float32) for value in (0.5, 0.2, 0.4, 0.1)]
    click, cart, purchase = Funnel(*step, click_skipped=0.25, cart_skipped=0.5).actions()
    meant = 0.5 - 0.25 * 0.5 * 0.2
    assert click == pytest.approx([1 - (1 - meant) * (1 - 0.1)])
    assert cart == pytest.approx([0.5 * 0.2 * (1 - 0.5 * 0.4)])
    assert purchase == pytest.approx([0.5 * 0.2 * 0.4])
