from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.definition.dataset import Dataset
from data.errors import InputError
from models.score import Score


def dataset(grades: dict[str, int], **fields: Any) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "small",
            "list_id": "id",
            "tasks": [{"name": name, "grade": grade} for name, grade in grades.items()],
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
            **fields,
        }
    )


def scores(score: Score, probabilities: list[list[float]]) -> list[float]:
    return list(score(tf.constant(probabilities)).numpy())


def test_is_the_expected_gain_of_actions_that_imply_the_earlier_ones() -> None:
    score = Score(dataset({"click": 1, "cart": 2, "purchase": 3}), None)
    # Of 10 times: 5 nothing, 2 a click (gain 1), 2 a cart (3), 1 a purchase (7, the most).
    assert scores(score, [[0.5, 0.3, 0.1]]) == pytest.approx([(0.2 * 1 + 0.2 * 3 + 0.1 * 7) / 7])


def test_is_the_expected_gain_of_the_largest_grade_of_independent_actions() -> None:
    grades = {"share": 1, "save": 2, "purchase": 2}
    score = Score(dataset(grades, actions_imply_previous=False), None)
    # Gain 3 with a save or a purchase, 1 with a share alone.
    strong = 1 - 0.7 * 0.9
    expected = (strong * 3 + (1 - strong) * 0.5 * 1) / 3
    assert scores(score, [[0.5, 0.3, 0.1]]) == pytest.approx([expected])


def test_small_probabilities_of_independent_actions_are_told_apart() -> None:
    score = Score(dataset({"share": 1, "save": 1}, actions_imply_previous=False), None)
    found = scores(score, [[1e-9, 1e-9], [1e-9, 2e-9], [1.0, 0.0]])
    assert found == pytest.approx([2e-9, 3e-9, 1.0])


@pytest.mark.parametrize("implied", [True, False])
def test_weights_that_were_given_make_a_weighted_sum(implied: bool) -> None:
    tasks = dataset({"click": 1, "cart": 2, "purchase": 3}, actions_imply_previous=implied)
    score = Score(tasks, {"purchase": 3.0, "click": 1.0})
    assert scores(score, [[0.4, 0.3, 0.2]]) == pytest.approx([(1 * 0.4 + 3 * 0.2) / 4])


def test_a_weight_of_no_task_is_refused() -> None:
    with pytest.raises(InputError, match=r"score_weights: expected .*'click'.*, found \['order'\]"):
        Score(dataset({"click": 1}), {"order": 1.0})


def test_equal_probabilities_of_everything_are_equal_scores() -> None:
    score = Score(dataset({"click": 1, "cart": 3}, actions_imply_previous=False), None)
    assert np.unique(scores(score, [[0.2, 0.1]] * 3)).size == 1


def test_certain_actions_have_a_finite_gradient() -> None:
    score = Score(dataset({"share": 1, "save": 2}, actions_imply_previous=False), None)
    logits = tf.constant([[40.0, 0.0], [0.0, 40.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        found = score(tf.sigmoid(logits))
    assert np.isfinite(tape.gradient(found, logits).numpy()).all()
    assert found.numpy() == pytest.approx([(1 + 2 * 0.5) / 3, 1.0])
