import math

import numpy as np
import pytest
import tensorflow as tf

from models.features.single_pieces import SinglePieces
from models.past_actions.past_actions import PastActions

# Actions: 0 missing, 1 looked at, 2 bought; lists of weight 1, 100, 3 and 2, an entry each.
WEIGHTS = tf.constant([1.0, 100.0, 3.0, 2.0])
PAST = SinglePieces(
    tf.constant(np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32)),
    tf.constant([1, 2, 0, 1], tf.int64),
    tf.constant([0, 2, 1, 3], tf.int64),
)


def shaken(weight: float = 1.0) -> PastActions:
    past = PastActions(5, 3, weight, seed=1)
    generator = np.random.default_rng(2)
    for variable in past.trainable_variables:
        variable.assign(generator.normal(size=variable.shape))
    return past


def test_starts_at_the_logarithm_of_the_number_of_ids() -> None:
    past = PastActions(5, actions=3, seed=1)
    assert float(past.loss(PAST, WEIGHTS)) == pytest.approx(math.log(3))


def test_is_a_mean_by_weight_over_entries_whose_action_is_known() -> None:
    past = shaken()
    by_shape = {tuple(one.shape): one.numpy() for one in past.trainable_variables}
    hidden, hidden_bias, last, last_bias = (by_shape[of] for of in ((5, 16), (16,), (16, 3), (3,)))
    logits = np.maximum(PAST.entries @ hidden + hidden_bias, 0) @ last + last_bias
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    of_entry = [-math.log(chance[0, 1]), -math.log(chance[1, 2]), -math.log(chance[3, 1])]
    expected = (1 * of_entry[0] + 3 * of_entry[1] + 2 * of_entry[2]) / (1 + 3 + 2)
    assert float(past.loss(PAST, WEIGHTS)) == pytest.approx(expected, rel=1e-5)
    assert float(shaken(0.1).loss(PAST, WEIGHTS)) == pytest.approx(0.1 * expected, rel=1e-5)


@pytest.mark.parametrize("entries", [0, 2])
def test_without_a_known_action_there_is_nothing_to_learn(entries: int) -> None:
    nothing = SinglePieces(PAST.entries[:entries], tf.zeros([entries], tf.int64), PAST[2][:entries])
    assert float(shaken().loss(nothing, WEIGHTS)) == 0


def test_gradients_reach_the_entries() -> None:
    past = shaken()
    with tf.GradientTape() as tape:
        tape.watch(PAST.entries)
        loss = past.loss(PAST, WEIGHTS)
    moved = np.abs(tape.gradient(loss, PAST.entries)).sum(axis=1)
    assert (moved[[0, 1, 3]] > 0).all()
    assert moved[2] == 0
