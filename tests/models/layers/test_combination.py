"""The combination of what is done and what is not taken back, by context."""

import numpy as np
import pytest
import tensorflow as tf

from models.layers.combination import Combination
from models.layers.descending_probability import descending_logits

CONTEXT = tf.constant([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
FACTORS = tf.constant([[0.5, -1.0, 2.0], [-0.3, 0.4, -1.5], [1.0, 1.0, 1.0]])


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _combined(layer: Combination) -> np.ndarray:
    return _sigmoid(layer(CONTEXT, FACTORS, descending_logits(FACTORS)).numpy())


def test_it_starts_as_the_product_with_a_little_more_of_the_base() -> None:
    p = _sigmoid(FACTORS.numpy())
    base = p[:, 0] * p[:, 1]
    exponent = 1 + np.log1p(np.exp(-3))
    found = _combined(Combination(3, [2], units=(4,), seed=1))
    np.testing.assert_allclose(found[:, :2], np.stack([p[:, 0], base], axis=1), rtol=1e-5)
    np.testing.assert_allclose(found[:, 2], base**exponent * p[:, 2], rtol=1e-5)


def test_context_says_how_much_each_part_counts() -> None:
    layer = Combination(3, [1, 2], units=())
    layer.build(CONTEXT.shape)
    kernel = np.array([[0.5, 2.0, -1.0], [3.0, 0.0, 0.7]])
    layer.weights_of.stack[0].kernel.assign(kernel[np.newaxis])
    p = _sigmoid(FACTORS.numpy())
    raw = CONTEXT.numpy() @ kernel
    of_base = p[:, 0] ** (1 + np.log1p(np.exp(raw[:, 0] - 3)))
    once = of_base * p[:, 1] ** np.exp(raw[:, 1])
    twice = once * p[:, 2] ** np.exp(raw[:, 2])
    found = _combined(layer)
    np.testing.assert_allclose(found, np.stack([p[:, 0], once, twice], axis=1), rtol=1e-5)


def test_nothing_is_more_likely_than_what_it_is_built_on() -> None:
    layer = Combination(3, [2], units=(8,), seed=1)
    layer.build(CONTEXT.shape)
    for number, weight in enumerate(layer.trainable_weights):
        weight.assign(3 * tf.random.stateless_normal(weight.shape, [number, 1]))
    found = _combined(layer)
    assert (found[:, 2] <= found[:, 1] * (1 + 1e-6)).all()


@pytest.mark.parametrize("width", [0, 2])
def test_its_gradient_reaches_its_own_weights_alone(width: int) -> None:
    layer = Combination(3, [2], units=(4,), seed=1)
    with tf.GradientTape() as tape:
        tape.watch(FACTORS)
        product = tf.constant(descending_logits(FACTORS))
        order = layer(CONTEXT[:, :width], FACTORS, product, training=True)[:, 2]
        loss = tf.reduce_sum(order * [1.0, 0.0, 0.0])
    *own, of_factors = tape.gradient(loss, [*layer.trainable_weights, FACTORS])
    assert not np.any(of_factors)
    assert np.abs(own[-1]).max() > 0
