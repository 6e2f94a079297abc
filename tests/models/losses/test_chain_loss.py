from math import log

import numpy as np
import pytest
import tensorflow as tf

from models.config import TaskLoss
from models.layers.descending_probability import descending_logits
from models.losses import Labels, Logits, build_loss
from models.losses.chain_loss import ChainLoss, stage_labels

NAN = float("nan")
# Stages reached: none, click, click, cart, purchase, none.
CLEAN = [[0, 1, 1, 1, 1, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 0]]


def _ragged(values: np.ndarray, lengths: list[int]) -> tf.RaggedTensor:
    return tf.RaggedTensor.from_row_lengths(tf.constant(values, tf.float64), lengths)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _chain(
    labels: np.ndarray, factors: tf.Tensor, lengths: list[int], weights: list[float] | None = None
) -> list[tf.Tensor]:
    """The loss of each task."""
    found, before = [], None
    for number, own in enumerate(labels):
        label = _ragged(own, lengths)
        logits = tf.RaggedTensor.from_row_lengths(factors[:, number], lengths)
        weight = None if weights is None else tf.constant(weights, tf.float64)
        found.append(ChainLoss()(stage_labels(label, before), logits, weight))
        before = label
    return found


def test_added_up_it_is_the_likelihood_of_the_stage_that_was_reached() -> None:
    labels = np.array(CLEAN, float)
    factors = np.random.default_rng(1).normal(0, 2, (6, 3))
    reached = np.concatenate([np.ones((6, 1)), np.cumprod(_sigmoid(factors), axis=1)], axis=1)
    after = np.concatenate([reached[:, 1:], np.zeros((6, 1))], axis=1)
    stage = labels.sum(axis=0).astype(int)
    of_items = -np.log((reached - after)[np.arange(6), stage])
    found = sum(float(one) for one in _chain(labels, tf.constant(factors), [4, 2]))
    assert found == pytest.approx(of_items.mean(), rel=0, abs=1e-12)
    weighed = sum(float(one) for one in _chain(labels, tf.constant(factors), [4, 2], [3.0, 1.0]))
    expected = np.average(of_items, weights=[3, 3, 3, 3, 1, 1])
    assert weighed == pytest.approx(expected, rel=0, abs=1e-12)


def test_a_stage_learns_only_where_the_one_before_was_reached() -> None:
    labels = np.array(CLEAN, float)
    factors = tf.Variable(np.random.default_rng(2).normal(0, 1, (6, 3)))
    with tf.GradientTape(persistent=True) as tape:
        losses = _chain(labels, tf.convert_to_tensor(factors), [6])
    for number, loss in enumerate(losses):
        gradient = tape.gradient(loss, factors).numpy()
        others = [task for task in range(3) if task != number]
        # No factor of an earlier task learns by a later action.
        assert not gradient[:, others].any()
        is_open = labels[number - 1] > 0 if number else np.ones(6, bool)
        assert ((gradient[:, number] != 0) == is_open).all()
        # The gradient of -log sigmoid(s) is sigmoid(s) - 1, over all six items.
        expected = (_sigmoid(factors.numpy()[:, number]) - labels[number]) / 6 * is_open
        np.testing.assert_allclose(gradient[:, number], expected, atol=1e-12)


def test_what_is_not_known_is_left_out() -> None:
    click, order = [1.0, 1.0, 0.0, NAN, 1.0], [1.0, NAN, NAN, 1.0, 0.0]
    label = stage_labels(_ragged(np.array(order), [5]), _ragged(np.array(click), [5]))
    np.testing.assert_array_equal(label.flat_values, [1, NAN, -1, NAN, 0])
    logits = np.array([0.3, 9.0, 9.0, 9.0, -0.2])
    # The third item had no click: it counts, and has nothing to learn from.
    expected = (-log(_sigmoid(0.3)) - log(1 - _sigmoid(-0.2))) / 3
    assert float(ChainLoss()(label, _ragged(logits, [5]))) == pytest.approx(expected, abs=1e-12)


def test_a_batch_without_labels_adds_zero() -> None:
    for lengths in ([], [0, 0], [2]):
        values = np.full(sum(lengths), NAN)
        label, logits = _ragged(values, lengths), _ragged(np.zeros(sum(lengths)), lengths)
        assert float(ChainLoss()(stage_labels(label, label), logits)) == 0


def test_each_loss_of_a_task_takes_its_own_logits_and_labels() -> None:
    lengths, factors = [2, 1], tf.constant([[0.3, -1.0], [0.5, 0.2], [-0.7, 1.1]])
    products = descending_logits(factors)

    def ragged(values: tf.Tensor) -> tf.RaggedTensor:
        return tf.RaggedTensor.from_row_lengths(tf.cast(values, tf.float32), lengths)

    # Counts of clicks are labels, too.
    label, before = ragged(tf.constant([1, 0, 0])), ragged(tf.constant([3, 1, 0]))
    loss = build_loss(TaskLoss(losses={"softmax": 1.0, "chain": 0.5, "entire_space": 2.0}))
    order, factor, taken = ragged([1.5, 0.2, 9.0]), ragged(factors[:, 1]), ragged(products[:, 1])
    found = loss(Labels(label, before=before), Logits(order, factor, taken))
    product = _sigmoid(factors.numpy()).prod(axis=1)
    chain = (-log(_sigmoid(-1.0)) - log(1 - _sigmoid(0.2))) / 3
    entire = -np.log([product[0], 1 - product[1], 1 - product[2]]).mean()
    softmax = -log(_sigmoid(1.5 - 0.2))
    # The second list has one item, and nothing to order.
    assert float(found) == pytest.approx(softmax / 2 + 0.5 * chain + 2 * entire, rel=1e-5)


def test_the_entire_space_teaches_every_factor() -> None:
    factors = tf.Variable([[0.3, -1.0], [0.5, 0.2]])
    with tf.GradientTape() as tape:
        product = tf.RaggedTensor.from_row_lengths(descending_logits(factors)[:, 1], [2])
        loss = build_loss(TaskLoss(losses={"entire_space": 1.0}))
        value = loss(tf.ragged.constant([[0.0, 0.0]]), product)
    assert (tape.gradient(value, factors).numpy() > 0).all()
