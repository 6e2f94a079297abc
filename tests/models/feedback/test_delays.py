"""Delays that end with their window."""

import numpy as np
import pytest
import tensorflow as tf

from models.feedback.delays import Delay

RATES, WINDOW = np.array([0.05, 0.4, 3.0]), 7.0


def _delay(rates: np.ndarray = RATES, window: float = WINDOW) -> Delay:
    windows = np.full(len(rates), window)
    return Delay(tf.constant(np.log(rates), tf.float64), tf.constant(windows, tf.float64))


def _constant(value: float) -> tf.Tensor:
    return tf.fill([len(RATES)], tf.constant(value, tf.float64))


def test_nothing_has_come_at_once_and_all_at_the_end_of_the_window() -> None:
    np.testing.assert_array_equal(_delay().within(_constant(0.0)), [0, 0, 0])
    for elapsed in (WINDOW, 10 * WINDOW):
        np.testing.assert_array_equal(_delay().within(_constant(elapsed)), [1, 1, 1])


def test_the_share_that_came_is_that_of_an_exponential_within_its_window() -> None:
    expected = (1 - np.exp(-RATES * 2)) / (1 - np.exp(-RATES * WINDOW))
    np.testing.assert_allclose(_delay().within(_constant(2.0)), expected, rtol=1e-12)
    survival = np.exp(_delay().log_survival(_constant(2.0)).numpy())
    np.testing.assert_allclose(survival, 1 - expected, rtol=1e-12)


def test_the_density_is_the_slope_of_that_share() -> None:
    step = 1e-5
    higher, lower = (_delay().within(_constant(2.0 + sign * step)).numpy() for sign in (1, -1))
    density = np.exp(_delay().log_density(_constant(2.0)).numpy())
    np.testing.assert_allclose(density, (higher - lower) / (2 * step), rtol=1e-7)


def test_without_a_window_it_is_the_exponential_distribution() -> None:
    endless = _delay(window=np.inf)
    np.testing.assert_allclose(endless.within(_constant(2.0)), 1 - np.exp(-2 * RATES), rtol=1e-12)
    np.testing.assert_allclose(endless.log_survival(_constant(2.0)), -2 * RATES, rtol=1e-12)
    expected = np.log(RATES) - 2 * RATES
    np.testing.assert_allclose(endless.log_density(_constant(2.0)), expected, rtol=1e-12)


@pytest.mark.parametrize("unit", [1 / 7, 24.0, 86_400.0])
def test_another_unit_of_time_changes_nothing_but_the_log_rate(unit: float) -> None:
    here, there = _delay(), _delay(RATES / unit, WINDOW * unit)
    then = _constant(2.0 * unit)
    np.testing.assert_allclose(there.within(then), here.within(_constant(2.0)), rtol=1e-12)
    np.testing.assert_allclose(
        there.log_survival(then), here.log_survival(_constant(2.0)), rtol=1e-12
    )
    shifted = here.log_density(_constant(2.0)) - np.log(unit)
    np.testing.assert_allclose(there.log_density(then), shifted, rtol=1e-12)


def test_gradients_are_finite_where_nothing_or_all_has_come() -> None:
    rates = tf.Variable(np.log(np.array([1e-9, 1.0, 1e9])))
    with tf.GradientTape() as tape:
        delay = Delay(rates, tf.fill([3], tf.constant(WINDOW, tf.float64)))
        total = sum(
            tf.reduce_sum(value)
            for elapsed in (0.0, WINDOW / 2)
            for value in (
                delay.log_density(_constant(elapsed)),
                delay.log_survival(_constant(elapsed)),
                delay.within(_constant(elapsed)),
            )
        )
    assert np.isfinite(tape.gradient(total, rates).numpy()).all()
