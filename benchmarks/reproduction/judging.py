"""NDCG of each list, by task and by the blended score."""

from collections.abc import Mapping

import numpy as np

from benchmarks.cross_validation.logs import item_column, item_gain
from components.evaluator.config import GRADED
from data import keys
from data.dataset import Dataset
from data.list_columns import Lists
from data.ndcg import list_ndcg
from data.relevance import expected_gain

AT = 10


def targets_of(dataset: Dataset) -> list[str]:
    """What is judged: each task by its own probability, and graded relevance by the score."""
    return [*(task.name for task in dataset.tasks), GRADED]


def gains_of(dataset: Dataset, lists: Lists) -> dict[str, np.ndarray]:
    """Gains of the items by target.

    Where a simulation knows true probabilities, gains are expected ones: a task's probability, and
    for graded relevance the sum over grades of their gain times the probability that they are the
    largest one reached.

    Args:
        dataset: tasks and grades.
        lists: lists of N items.

    Returns:
        float [N] by target, NaN where unknown.
    """
    names = [task.name for task in dataset.tasks]
    if not all(task.true_probability for task in dataset.tasks):
        labels = {name: item_column(lists, keys.label(name)).astype(float) for name in names}
        return {**labels, GRADED: item_gain(dataset, lists)}
    truths = {name: item_column(lists, keys.truth(name)).astype(float) for name in names}
    grades = [task.grade for task in dataset.tasks]
    return {**truths, GRADED: expected_gain(list(truths.values()), grades)}


def ndcg_by_target(
    dataset: Dataset, lists: Lists, scores: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """NDCG@10 of each list.

    Args:
        dataset: tasks and grades.
        lists: B lists of N items.
        scores: float [N] by target.

    Returns:
        float [B] by target, NaN where a list has nothing relevant.
    """
    gains = gains_of(dataset, lists)
    return {
        target: list_ndcg(gains[target], of_items, lists.row_lengths, AT)
        for target, of_items in scores.items()
    }
