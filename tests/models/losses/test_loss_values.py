from math import exp, log, log2

import numpy as np
import pytest
import tensorflow as tf

from models.losses.approx_ndcg_loss import ApproxNDCGLoss
from models.losses.gumbel_approx_ndcg_loss import GumbelApproxNDCGLoss
from models.losses.lambda_loss import LambdaLoss
from models.losses.sigmoid_cross_entropy_loss import SigmoidCrossEntropyLoss
from models.losses.softmax_loss import SoftmaxLoss


def _value(loss: tf.keras.losses.Loss, labels: list[float], logits: list[float]) -> float:
    return float(loss(tf.ragged.constant([labels]), tf.ragged.constant([logits])))


def _sigmoid(value: float) -> float:
    return 1 / (1 + exp(-value))


def test_softmax() -> None:
    total = exp(0.5) + exp(0.2) + exp(-0.1)
    expected = -log(exp(0.5) / total)
    assert _value(SoftmaxLoss(), [1.0, 0.0, 0.0], [0.5, 0.2, -0.1]) == pytest.approx(expected)


def test_softmax_shares_the_gains_of_a_list() -> None:
    total = exp(0.5) + exp(0.2) + exp(-0.1)
    gains = (2**2 - 1) / 4, (2**1 - 1) / 4
    expected = -gains[0] * log(exp(0.5) / total) - gains[1] * log(exp(-0.1) / total)
    assert _value(SoftmaxLoss(), [2.0, 0.0, 1.0], [0.5, 0.2, -0.1]) == pytest.approx(expected)


def test_softmax_takes_a_temperature() -> None:
    expected = -log(exp(0.5 / 2) / (exp(0.5 / 2) + exp(0.2 / 2)))
    assert _value(SoftmaxLoss(2.0), [1.0, 0.0], [0.5, 0.2]) == pytest.approx(expected)


def test_approx_ndcg() -> None:
    rank = 1 + _sigmoid((0.5 - 0.2) / 0.5) + _sigmoid((-0.1 - 0.2) / 0.5)
    found = _value(ApproxNDCGLoss(0.5), [0.0, 1.0, 0.0], [0.5, 0.2, -0.1])
    assert found == pytest.approx(1 - 1 / log2(rank + 1), abs=1e-6)


def test_approx_ndcg_takes_graded_gains() -> None:
    first, second = 1 + _sigmoid(0.2 - 0.5), 1 + _sigmoid(0.5 - 0.2)
    dcg = 1 / log2(first + 1) + 15 / log2(second + 1)
    expected = 1 - dcg / (15 / log2(2) + 1 / log2(3))
    assert _value(ApproxNDCGLoss(), [1.0, 4.0], [0.5, 0.2]) == pytest.approx(expected, abs=1e-6)


def test_lambda() -> None:
    # Scores put the relevant item second of three; ideal DCG is 1.
    one_apart = 1 / log2(2) - 1 / log2(3)
    above = one_apart * log(1 + exp(0.5 - 0.2))
    below = one_apart * log(1 + exp(-0.1 - 0.2))
    found = _value(LambdaLoss(), [0.0, 1.0, 0.0], [0.5, 0.2, -0.1])
    assert found == pytest.approx(3 * (above + below), abs=1e-6)


def test_lambda_weighs_pairs_by_gain_and_distance() -> None:
    one_apart, two_apart = 1 / log2(2) - 1 / log2(3), 1 / log2(3) - 1 / log2(4)
    ideal = 3 / log2(2) + 1 / log2(3)
    pairs = [
        (3 - 1) * one_apart * log(1 + exp(-(0.2 - 0.5))),
        (3 - 0) * one_apart * log(1 + exp(-(0.2 + 0.1))),
        (1 - 0) * two_apart * log(1 + exp(-(0.5 + 0.1))),
    ]
    found = _value(LambdaLoss(), [1.0, 2.0, 0.0], [0.5, 0.2, -0.1])
    assert found == pytest.approx(3 * sum(pairs) / ideal, abs=1e-6)


def test_lambda_is_the_same_each_time_with_equal_scores() -> None:
    values = {_value(LambdaLoss(), [0.0, 1.0, 0.0, 1.0], [0.0] * 4) for _ in range(10)}
    assert len(values) == 1


def test_sigmoid_cross_entropy() -> None:
    expected = (-log(_sigmoid(0.5)) - log(1 - _sigmoid(0.2))) / 2
    found = _value(SigmoidCrossEntropyLoss(), [1.0, 0.0, float("nan")], [0.5, 0.2, -0.1])
    assert found == pytest.approx(expected, abs=1e-6)


def test_sigmoid_cross_entropy_weighs_items_by_their_list() -> None:
    labels = tf.ragged.constant([[1.0], [0.0, 0.0]])
    logits = tf.ragged.constant([[0.5], [0.2, -0.1]])
    items = -log(_sigmoid(0.5)), -log(1 - _sigmoid(0.2)), -log(1 - _sigmoid(-0.1))
    expected = (3 * items[0] + 1 * items[1] + 1 * items[2]) / (3 + 1 + 1)
    found = float(SigmoidCrossEntropyLoss()(labels, logits, tf.constant([3.0, 1.0])))
    assert found == pytest.approx(expected, abs=1e-6)


def _gumbel(step: int, seed: int = 7, samples: int = 8) -> float:
    loss = GumbelApproxNDCGLoss(1.0, lambda: tf.constant(step), seed, samples)
    return _value(loss, [0.0, 1.0, 0.0], [0.5, 0.2, -0.1])


def test_gumbel_noise_follows_from_seed_and_step() -> None:
    assert _gumbel(3) == _gumbel(3)
    assert _gumbel(3) != _gumbel(4)
    assert _gumbel(3) != _gumbel(3, seed=8)


def test_nothing_is_drawn_outside_training() -> None:
    noisy = GumbelApproxNDCGLoss(1.0, lambda: tf.constant(3), seed=7)
    lists = tf.ragged.constant([[0.0, 1.0, 0.0]]), tf.ragged.constant([[0.5, 0.2, -0.1]])
    assert float(noisy.sums(*lists).total) == float(ApproxNDCGLoss(1.0)(*lists))
    assert float(noisy.sums(*lists, training=True).total) == float(noisy(*lists))


def test_gumbel_samples_orders_as_the_softmax_does() -> None:
    # With exact ranks, the item comes first with the softmax's probability: P(1) = e^s1 / sum.
    loss = GumbelApproxNDCGLoss(1e-4, lambda: tf.constant(1), samples=20_000)
    first = exp(0.2) / (exp(0.5) + exp(0.2))
    expected = 1 - (first + (1 - first) / np.log2(3))
    assert _value(loss, [0.0, 1.0], [0.5, 0.2]) == pytest.approx(expected, abs=0.01)
