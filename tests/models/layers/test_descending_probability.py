from math import exp, log, prod

import numpy as np
import pytest
import tensorflow as tf

from models.layers.descending_probability import descending_logits, descending_probabilities


def _sigmoid(value: float) -> float:
    return 1 / (1 + exp(-value))


def test_sigmoid_of_the_logit_is_the_product() -> None:
    logits = [0.3, -1.2, 2.0]
    found = tf.sigmoid(descending_logits(tf.constant([logits])))[0].numpy()
    expected = [prod(map(_sigmoid, logits[: m + 1])) for m in range(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_cross_entropy_through_it_is_minus_the_log_of_the_probability() -> None:
    logits = [0.3, -1.2, 2.0]
    through = descending_logits(tf.constant([logits]))[0]
    positive = tf.nn.sigmoid_cross_entropy_with_logits(tf.ones(3), through).numpy()
    negative = tf.nn.sigmoid_cross_entropy_with_logits(tf.zeros(3), through).numpy()
    for m in range(3):
        probability = prod(map(_sigmoid, logits[: m + 1]))
        assert positive[m] == pytest.approx(-log(probability), rel=1e-5)
        assert negative[m] == pytest.approx(-log(1 - probability), rel=1e-5)


def test_first_task_keeps_its_logit_exactly() -> None:
    logits = tf.constant([[-45.0, 1.0], [0.1, 1.0], [33.0, 1.0]])
    np.testing.assert_array_equal(descending_logits(logits)[:, 0], logits[:, 0])
    np.testing.assert_array_equal(descending_logits(logits[:, :1]), logits[:, :1])


def test_an_action_is_no_more_likely_than_the_ones_before() -> None:
    logits = tf.random.stateless_normal([1000, 4], [1, 2], stddev=5.0)
    found = descending_logits(logits).numpy()
    # Near 30, a logit that no longer falls is one that 32 bits cannot tell from it.
    assert (np.diff(found, axis=1) <= 1e-4).all()


@pytest.mark.parametrize("size", [0.0, 1.0, 29.0, 30.0, 80.0, 1e6])
@pytest.mark.parametrize("sign", [-1, 1])
def test_value_and_gradient_stay_finite(size: float, sign: int) -> None:
    logits = tf.fill([1, 4], sign * size)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        found = descending_logits(logits)
    assert np.isfinite(found.numpy()).all()
    assert np.isfinite(tape.gradient(found, logits).numpy()).all()


def test_through_its_own_logit_alone_a_task_trains_no_other() -> None:
    logits = tf.constant([[0.3, -1.2, 2.0], [-40.0, 0.5, 31.0]])
    found = {}
    for through in ("all", "own"):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(logits)
            found[through] = descending_logits(logits, through)
            tasks = tf.unstack(found[through], axis=1)
        jacobian = np.stack([tape.gradient(task, logits).numpy() for task in tasks], axis=1)
        others = jacobian * (1 - np.eye(3))
        assert others.any() == (through == "all")
        if through == "all":
            diagonal = jacobian * np.eye(3)
        else:
            np.testing.assert_allclose(jacobian, diagonal, rtol=1e-5)
    np.testing.assert_allclose(found["own"], found["all"], rtol=1e-6)


def test_gradient_does_not_vanish_where_the_probability_nears_one() -> None:
    logits = tf.constant([[15.0, 15.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        second = descending_logits(logits)[:, 1]
    # 1 - p is the sum of both complements: each has half of the gradient.
    np.testing.assert_allclose(tape.gradient(second, logits), [[0.5, 0.5]], rtol=1e-3)


def test_probabilities_descend_to_the_last_bit() -> None:
    logits = descending_logits(tf.random.stateless_normal([100_000, 3], [1, 2], stddev=8.0))
    assert (np.diff(tf.sigmoid(logits).numpy(), axis=1) > 0).any()
    found = descending_probabilities(logits).numpy()
    assert (np.diff(found, axis=1) <= 0).all()
    np.testing.assert_allclose(found, tf.sigmoid(logits), rtol=1e-5, atol=1e-12)


def test_a_first_logit_beyond_the_product_keeps_the_others_below_it() -> None:
    found = descending_probabilities(descending_logits(tf.constant([[-45.0, 5.0]])))
    np.testing.assert_array_equal(found[:, 1], found[:, 0])
