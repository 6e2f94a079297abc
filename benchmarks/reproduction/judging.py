"""NDCG of each list, by task and by the blended score."""

from collections.abc import Mapping

import numpy as np

from benchmarks.cross_validation.logs import item_column, item_gain
from components.evaluator.config import GRADED
from data import keys
from data.dataset import Dataset
from data.list_columns import Lists
from data.ndcg import list_ndcg, random_ndcg
from data.relevance import expected_gain

AT = 10


def targets_of(dataset: Dataset) -> list[str]:
    """What is judged: each task by its own probability, and graded relevance by the score."""
    return [*(task.name for task in dataset.tasks), GRADED]


def knows_truth(dataset: Dataset) -> bool:
    """Whether true probabilities of all tasks are known, as of a simulation."""
    return all(task.true_probability for task in dataset.tasks)


def gains_of(dataset: Dataset, lists: Lists) -> dict[str, np.ndarray]:
    """Gains of the items by target, expected ones where true probabilities are known.

    A task's expected gain is its probability; that of graded relevance the sum over grades of
    their gain times the probability that they are the largest one reached.

    Args:
        dataset: tasks and grades.
        lists: lists of N items.

    Returns:
        float [N] by target, NaN where unknown.
    """
    if not knows_truth(dataset):
        return gains_of_actions(dataset, lists)
    names = [task.name for task in dataset.tasks]
    truths = {name: item_column(lists, keys.truth(name)).astype(float) for name in names}
    grades = [task.grade for task in dataset.tasks]
    return {**truths, GRADED: expected_gain(list(truths.values()), grades)}


def gains_of_actions(dataset: Dataset, lists: Lists) -> dict[str, np.ndarray]:
    """Gains of what was done, by target, float [N], NaN where unknown."""
    names = [task.name for task in dataset.tasks]
    labels = {name: item_column(lists, keys.label(name)).astype(float) for name in names}
    return {**labels, GRADED: item_gain(dataset, lists)}


def ndcg_by_target(
    gains: Mapping[str, np.ndarray], lists: Lists, scores: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """NDCG@10 of each list.

    Args:
        gains: float [N] by target.
        lists: B lists of N items.
        scores: float [N] by target.

    Returns:
        float [B] by target, NaN where a list has nothing relevant.
    """
    return {
        target: list_ndcg(gain, scores[target], lists.row_lengths, AT)
        for target, gain in gains.items()
    }


def random_by_target(gains: Mapping[str, np.ndarray], lists: Lists) -> dict[str, np.ndarray]:
    """NDCG@10 of each list that a random order has, float [B] by target."""
    return {target: random_ndcg(gain, lists.row_lengths, AT) for target, gain in gains.items()}
