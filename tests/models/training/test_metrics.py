import numpy as np
import pytest

from data.definition.dataset import Task
from data.metrics.list_metrics import list_mrr, list_ndcg
from data.metrics.relevance import gain, relevance
from models.training.metrics import ValidationMetrics, validation_metrics

TASKS = (Task(name="click", grade=1), Task(name="purchase", grade=4))
NAN = float("nan")
SECOND = 1 / np.log2(3)


def _two_tasks(
    labels: list[list[float]], scores: list[float], row_lengths: list[int], **options: object
) -> ValidationMetrics:
    values = np.array(scores)
    return validation_metrics(
        TASKS,
        np.array(labels, dtype=np.float32),
        np.stack([values, values], axis=1),
        values,
        np.array(row_lengths),
        **options,  # type: ignore[arg-type]
    )


def test_gain_is_two_to_the_grade_less_one() -> None:
    found = _two_tasks([[1, 0], [1, 1], [0, 0]], [3.0, 2.0, 1.0], [3], at=3)
    assert found.values["graded_ndcg"] == pytest.approx(0.6694, abs=5e-5)
    assert found.values["click_ndcg"] == pytest.approx(1)
    assert found.values["purchase_ndcg"] == pytest.approx(SECOND)
    assert found.values["purchase_mrr"] == pytest.approx(1 / 2)


def test_lists_with_nothing_relevant_are_left_out_and_counted() -> None:
    found = _two_tasks([[1, 0], [0, 0], [0, 0], [0, 0]], [2.0, 1.0, 2.0, 1.0], [2, 2])
    assert found.values["click_ndcg"] == 1.0
    assert found.not_counted["click_ndcg"] == 1
    assert found.lists == 2


def test_lists_in_which_no_order_can_be_wrong_are_left_out_and_counted() -> None:
    # One clicked item; two clicked ones, of which one is bought; a list in the wrong order.
    labels = [[1, 0], [1, 0], [1, 1], [0, 0], [1, 0]]
    found = _two_tasks(labels, [1.0, 1.0, 2.0, 2.0, 1.0], [1, 2, 2])
    assert found.values["click_ndcg"] == pytest.approx(SECOND)
    assert found.values["click_mrr"] == pytest.approx(1 / 2)
    assert found.not_counted["click_ndcg"] == found.not_counted["click_mrr"] == 2
    assert found.values["purchase_ndcg"] == pytest.approx(1)
    # Of gains 1 and 15, and of 0 and 1.
    assert found.values["graded_ndcg"] == pytest.approx((1 + SECOND) / 2)
    assert found.not_counted["graded_ndcg"] == 1


def test_a_metric_of_no_list_is_not_a_number() -> None:
    found = _two_tasks([[1, 0], [0, 0]], [2.0, 1.0], [2])
    assert np.isnan(found.values["purchase_ndcg"])
    assert np.isnan(found.values["purchase_mrr"])
    assert found.not_counted["purchase_mrr"] == 1


def test_list_weights_weigh_lists() -> None:
    labels = [[1, 0], [0, 0], [0, 0], [1, 0]]
    found = _two_tasks(labels, [2.0, 1.0, 2.0, 1.0], [2, 2], list_weights=np.array([3.0, 1.0]))
    assert found.values["click_ndcg"] == pytest.approx((3 * 1 + 1 * SECOND) / 4)
    found = _two_tasks(labels, [2.0, 1.0, 2.0, 1.0], [2, 2], list_weights=np.array([1.0, 0.0]))
    assert found.values["click_ndcg"] == pytest.approx(1)
    assert found.not_counted["click_ndcg"] == 1


def test_missing_label_leaves_the_item_out_for_its_task_alone() -> None:
    found = _two_tasks([[0, NAN], [1, 0], [1, 1]], [3.0, 2.0, 1.0], [3])
    assert found.values["click_mrr"] == pytest.approx(1 / 2)
    assert found.values["purchase_mrr"] == pytest.approx(1 / 2)


def test_graded_tasks_take_graded_relevance() -> None:
    labels, scores = [[1, 0], [1, 1], [0, 0]], [3.0, 2.0, 1.0]
    found = _two_tasks(labels, scores, [3], graded_tasks=["click"]).values
    assert found["click_ndcg"] == found["graded_ndcg"]
    assert found["purchase_ndcg"] == pytest.approx(SECOND)


def _simulated(lists: int, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(lists)
    row_lengths = generator.integers(1, 40, lists)
    items = row_lengths.sum()
    labels = (generator.random((items, 2)) < [0.1, 0.02]).astype(np.float32)
    labels[generator.random((items, 2)) < 0.05] = NAN
    scores = generator.integers(0, levels, (items, 3)) / np.float32(levels)
    return labels, scores.astype(np.float32), row_lengths, generator.random(lists) + 0.1


@pytest.mark.parametrize("at", [None, 5])
def test_agrees_with_the_definition_to_a_millionth(at: int | None) -> None:
    labels, scores, row_lengths, weights = _simulated(5000, 2**24)
    found = validation_metrics(TASKS, labels, scores[:, :2], scores[:, 2], row_lengths, weights, at)
    graded = gain(relevance(labels, [1, 4]))
    click = labels[:, 0].astype(np.float64)
    expected = {
        "click_ndcg": list_ndcg(click, scores[:, 0], row_lengths, at),
        "click_mrr": list_mrr(click, scores[:, 0], row_lengths),
        "graded_ndcg": list_ndcg(graded, scores[:, 2], row_lengths, at),
    }
    for name, values in expected.items():
        counted = ~np.isnan(values)
        mean = np.average(values[counted], weights=weights[counted])
        assert found.values[name] == pytest.approx(mean, abs=1e-6)
        assert found.not_counted[name] == np.sum(~counted)


def test_equal_scores_earn_their_expectation_and_the_same_each_time() -> None:
    labels, scores, row_lengths, _ = _simulated(5000, 4)
    first, second = (
        validation_metrics(TASKS, labels, scores[:, :2], scores[:, 2], row_lengths)
        for _ in range(2)
    )
    assert first.values == second.values
    expected = np.nanmean(list_ndcg(labels[:, 0], scores[:, 0], row_lengths))
    assert first.values["click_ndcg"] == pytest.approx(expected, abs=0.01)
