import math

import numpy as np
import pytest
import tensorflow as tf

from models.config import TaskLoss
from models.losses import Labels, Logits, build_loss
from models.losses.item_weights import counted_in_lists, examined_logits

NAN = float("nan")
LABELS = [[1.0, 0.0, 1.0], [0.0, 1.0], [0.0, 0.0], [NAN, 1.0, 0.0]]
WEIGHTS = [[2.0, 9.0, 4.0], [9.0, 3.0], [9.0, 9.0], [5.0, 1.0, 9.0]]
LOGITS = [[0.3, -0.2, 0.9], [1.0, 0.1], [0.0, 0.4], [2.0, -1.0, 0.5]]
OF_LISTS = [1.0, 2.0, 1.0, 0.5]


def ragged(values: list[list[float]]) -> tf.RaggedTensor:
    return tf.ragged.constant(values, dtype=tf.float32, row_splits_dtype=tf.int64)


def test_gains_count_as_often_as_weights_say_and_lists_with_them() -> None:
    relevance, weights = counted_in_lists(ragged(LABELS), ragged(WEIGHTS), tf.constant(OF_LISTS))
    gains = 2.0 ** relevance.flat_values.numpy() - 1
    expected = [2, 0, 4, 0, 3, 0, 0, NAN, 1, 0]
    np.testing.assert_allclose(gains, expected, rtol=1e-6)
    assert weights.numpy() == pytest.approx([1 * (2 + 4) / 2, 2 * 3 / 1, 1, 0.5])


def test_graded_gains_count_so_too() -> None:
    relevance, weights = counted_in_lists(ragged([[2.0, 1.0]]), ragged([[2.0, 1.0]]), None)
    assert 2.0 ** relevance.flat_values.numpy() - 1 == pytest.approx([6, 1])
    assert weights.numpy() == pytest.approx([7 / 4])


def test_pointwise_losses_have_the_logit_of_examination_times_probability() -> None:
    found = examined_logits(ragged(LOGITS), ragged(WEIGHTS)).flat_values.numpy()
    logits, weights = (ragged(one).flat_values.numpy() for one in (LOGITS, WEIGHTS))
    for logit, weight, examined in zip(logits, weights, found, strict=True):
        probability = 1 / weight / (1 + math.exp(-logit))
        assert 1 / (1 + math.exp(-examined)) == pytest.approx(probability, rel=1e-5)
    # Who looks more at an item than at the first one has greater odds.
    more = examined_logits(ragged([[0.3, -40.0, 40.0]]), ragged([[0.5, 0.5, 0.5]]))
    assert more.flat_values.numpy() == pytest.approx(
        [0.3 + math.log(2), -40 + math.log(2), 40 + math.log(2)]
    )


def test_the_softmax_loss_is_the_sum_of_weighed_actions() -> None:
    loss = build_loss(TaskLoss(losses={"softmax": 1.0}, mean_over="relevant_lists"))
    target = Labels(ragged(LABELS), weights=ragged(WEIGHTS))

    def minus_log(logits: list[float], place: int) -> float:
        return math.log(sum(map(math.exp, logits))) - logits[place]

    # -sum of weight * log softmax / sum of labels, by list weight, over the lists' new weights.
    first = (2 * minus_log(LOGITS[0], 0) + 4 * minus_log(LOGITS[0], 2)) / 2
    second, last = 3 * minus_log(LOGITS[1], 1), minus_log(LOGITS[3][1:], 0)
    expected = (first + 2 * second + 0.5 * last) / (3 + 2 * 3 + 0.5)
    assert loss(target, ragged(LOGITS), tf.constant(OF_LISTS)).numpy() == pytest.approx(expected)
    # Over all lists, whose own weights are divided by: what counts more often weighs more.
    loss = build_loss(TaskLoss(losses={"softmax": 1.0}, mean_over="all_lists"))
    expected = (first + 2 * second + 0.5 * last) / sum(OF_LISTS)
    assert loss(target, ragged(LOGITS), tf.constant(OF_LISTS)).numpy() == pytest.approx(expected)


def cross_entropy(label: float, logit: float, weight: float = 1.0) -> float:
    probability = 1 / weight / (1 + math.exp(-logit))
    return -label * math.log(probability) - (1 - label) * math.log(1 - probability)


def test_the_cross_entropy_is_that_of_examination_times_probability() -> None:
    loss = build_loss(TaskLoss(losses={"sigmoid_cross_entropy": 1.0}))
    target = Labels(ragged([[1.0, 0.0]]), weights=ragged([[3.0, 7.0]]))
    expected = (cross_entropy(1, 0.5, 3) + cross_entropy(0, -0.2, 7)) / 2
    assert loss(target, ragged([[0.5, -0.2]])).numpy() == pytest.approx(expected)


@pytest.mark.parametrize("name", ["sigmoid_cross_entropy", "chain"])
@pytest.mark.parametrize(("wanted", "examined"), [(0.3, 0.2), (0.5, 0.1), (0.08, 1.0), (0.9, 0.7)])
def test_what_is_learnt_of_an_item_does_not_depend_on_its_examination(
    name: str, wanted: float, examined: float
) -> None:
    loss = build_loss(TaskLoss.model_validate({"losses": {name: 1.0}}))
    # Cross entropy is linear in the label: its mean is that of many items.
    label, weight = ragged([[wanted * examined]]), ragged([[1 / examined]])
    logit = tf.Variable([math.log(wanted / (1 - wanted))])
    with tf.GradientTape() as tape:
        total = loss(Labels(label, weights=weight), label.with_flat_values(tf.identity(logit)))
    assert tape.gradient(total, logit).numpy() == pytest.approx([0], abs=1e-6)


@pytest.mark.parametrize("name", ["softmax", "approx_ndcg", "lambda", "sigmoid_cross_entropy"])
def test_weights_of_1_change_nothing(name: str) -> None:
    loss = build_loss(TaskLoss.model_validate({"losses": {name: 1.0}}))
    ones = ragged([[1.0] * len(row) for row in LABELS])
    plain = loss(ragged(LABELS), ragged(LOGITS), tf.constant(OF_LISTS)).numpy()
    found = loss(Labels(ragged(LABELS), weights=ones), ragged(LOGITS), tf.constant(OF_LISTS))
    assert found.numpy() == pytest.approx(plain, rel=1e-5)


def test_the_chain_weighs_its_first_stage_alone() -> None:
    loss = build_loss(TaskLoss.model_validate({"losses": {"chain": 1.0}}))
    labels, weights = ragged([[1.0, 0.0]]), ragged([[3.0, 7.0]])
    logits = Logits(ragged([[9.0, 9.0]]), ragged([[0.5, -0.2]]), ragged([[9.0, 9.0]]))
    first = loss(Labels(labels, weights=weights), logits)
    expected = (cross_entropy(1, 0.5, 3) + cross_entropy(0, -0.2, 7)) / 2
    assert first.numpy() == pytest.approx(expected)
    # Both were clicked, and so examined.
    later = loss(Labels(labels, before=ragged([[1.0, 1.0]]), weights=weights), logits)
    expected = (cross_entropy(1, 0.5) + cross_entropy(0, -0.2)) / 2
    assert later.numpy() == pytest.approx(expected)
