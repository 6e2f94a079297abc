import numpy as np
import pytest

from data.explanation.gradients import (
    FEWEST_STEPS,
    MOST_STEPS,
    ROUNDING,
    TOLERANCE,
    integrated_gradients,
)
from data.metrics.ranked import Floats


def product(x: Floats) -> tuple[Floats, Floats]:
    """x0 * x1 + 3 x2."""
    gradients = np.stack([x[:, 1], x[:, 0], np.full(len(x), 3.0), np.zeros(len(x))], axis=1)
    return x[:, 0] * x[:, 1] + 3 * x[:, 2], gradients


def bent(x: Floats) -> tuple[Floats, Floats]:
    """max(x0 + x1 - 1, 0), whose gradient jumps on the way."""
    inside = x.sum(axis=1) - 1
    return np.maximum(inside, 0), np.repeat(inside[:, np.newaxis] > 0, 2, axis=1).astype(float)


def test_shares_of_a_product_are_those_of_the_integral() -> None:
    start, end = np.array([1.0, 2.0, 5.0, 7.0]), np.array([3.0, 6.0, 4.0, 7.0])
    found = integrated_gradients(product, start, end)
    # x0 goes up by 2 while x1 is 4 on average, x1 by 4 while x0 is 2; x2 falls by 1; x3 stays.
    np.testing.assert_allclose(found.shares, [2 * 4, 4 * 2, 3 * -1, 0])
    assert found.difference == (3 * 6 + 3 * 4) - (1 * 2 + 3 * 5)
    assert found.residual == pytest.approx(0, abs=1e-9)
    assert found.steps == FEWEST_STEPS


def test_the_other_way_round_shares_change_their_sign() -> None:
    start, end = np.array([1.0, 2.0, 5.0, 7.0]), np.array([3.0, 6.0, 4.0, 7.0])
    there, back = (integrated_gradients(product, *ends) for ends in ((start, end), (end, start)))
    np.testing.assert_allclose(there.shares, -back.shares)


def test_steps_are_doubled_until_the_shares_add_up() -> None:
    start, end = np.zeros(2), np.array([1.0, 1.01])
    found = integrated_gradients(bent, start, end)
    # The bend is at 1 / 2.01 of the way; with half of 64 places behind it, 0.5 * 2.01 miss 1.01.
    assert found.steps > FEWEST_STEPS
    assert found.difference == pytest.approx(1.01)
    assert abs(found.residual) <= TOLERANCE * found.difference + ROUNDING * 1.01
    np.testing.assert_allclose(found.shares[1] / found.shares[0], 1.01)


def test_the_last_digits_of_32_bits_are_no_reason_to_go_on() -> None:
    def rounded(x: Floats) -> tuple[Floats, Floats]:
        """1 + x / 10^5 as float32, with a gradient that is a hundredth too large."""
        return (1 + x[:, 0] * 1e-5).astype(np.float32), np.full_like(x, 1.01e-5)

    found = integrated_gradients(rounded, np.zeros(1), np.ones(1))
    # 1e-7 are left: a hundredth of the difference, and the last of 24 bits of the values.
    assert TOLERANCE * found.difference < abs(found.residual) < 2 * 2**-23
    assert found.steps == FEWEST_STEPS


def test_two_items_alike_have_no_shares() -> None:
    same = np.array([1.0, 2.0, 3.0, 4.0])
    found = integrated_gradients(product, same, same)
    assert (found.difference, found.residual, found.steps) == (0, 0, FEWEST_STEPS)
    assert not found.shares.any()


def test_a_jump_leaves_a_residual_that_is_told() -> None:
    def jump(x: Floats) -> tuple[Floats, Floats]:
        return (x[:, 0] > 0.5).astype(float), np.zeros_like(x)

    found = integrated_gradients(jump, np.zeros(1), np.ones(1))
    assert (found.residual, found.steps) == (1.0, MOST_STEPS)
