import pytest
import tensorflow as tf

from models.losses.behavioural_calibrator import behavioural_calibrator

PROBABILITIES = [[0.2, 0.5, 0.1], [0.3, 0.2, 0.6], [0.9, 0.5, 0.4]]


def test_rises_from_task_to_task_are_added_up_and_averaged_over_items() -> None:
    found = behavioural_calibrator(tf.constant(PROBABILITIES), tf.constant([2, 1]))
    assert float(found) == pytest.approx(((0.5 - 0.2) + (0.6 - 0.2) + 0) / 3)


def test_items_weigh_as_their_list_does() -> None:
    weights = tf.constant([[3.0], [1.0]])
    found = behavioural_calibrator(tf.constant(PROBABILITIES), tf.constant([1, 2]), weights)
    assert float(found) == pytest.approx((3 * 0.3 + 1 * 0.4 + 1 * 0) / (3 + 1 + 1))


def test_it_pulls_both_probabilities_together() -> None:
    probabilities = tf.Variable(PROBABILITIES[:1])
    with tf.GradientTape() as tape:
        found = behavioural_calibrator(tf.convert_to_tensor(probabilities), tf.constant([1]))
    assert tape.gradient(found, probabilities).numpy().tolist() == [[-1, 1, 0]]


@pytest.mark.parametrize("tasks", [1, 3])
def test_there_is_none_without_items_or_with_one_task(tasks: int) -> None:
    assert float(behavioural_calibrator(tf.zeros([0, tasks]), tf.constant([0]))) == 0
    assert float(behavioural_calibrator(tf.ones([2, 1]), tf.constant([2]))) == 0
