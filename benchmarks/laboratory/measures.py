"""What rankings are judged by: NDCG of each list, by task and by graded relevance."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from components.evaluator.config import GRADED
from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.lists import Lists
from data.metrics.list_metrics import list_ndcg, random_ndcg
from data.metrics.relevance import expected_gain, gain, relevance

# Last rank that counts in the paper's tables.
AT = 10


def item_column(lists: Lists, name: str) -> np.ndarray:
    """A column of numbers of items, float [N]; missing is NaN."""
    return lists.items[name].to_numpy()


def context_column(lists: Lists, name: str) -> np.ndarray:
    """A column of lists, repeated for their items, [N]."""
    column = lists.context[name].to_numpy(zero_copy_only=False)
    return column[lists.list_of_item]


def item_relevance(dataset: Dataset, lists: Lists) -> np.ndarray:
    """The largest grade that each item has reached, float [N]."""
    labels = [item_column(lists, keys.label(task.name)) for task in dataset.tasks]
    return relevance(np.stack(labels, axis=1), [task.grade for task in dataset.tasks])


def item_gain(dataset: Dataset, lists: Lists) -> np.ndarray:
    """2^relevance - 1 of each item, float [N]."""
    return gain(item_relevance(dataset, lists))


def knows_truth(dataset: Dataset) -> bool:
    """Whether true probabilities of all tasks are known, as of a simulation."""
    return all(task.true_probability for task in dataset.tasks)


def gains_of(dataset: Dataset, lists: Lists) -> dict[str, np.ndarray]:
    """Gains of the items by target, expected ones where true probabilities are known.

    A task's expected gain is its probability; that of graded relevance the sum over grades of
    their gain times the probability that they are the largest one reached, which the tasks'
    probabilities tell where an action implies the ones before; there is none elsewhere.

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
    if not dataset.actions_imply_previous:
        return truths
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
    """NDCG@10 of each list, of each target by its own scores.

    Args:
        gains: float [N] by target.
        lists: B lists of N items.
        scores: float [N] by target.

    Returns:
        float [B] by target, NaN where a list does not count.
    """
    return {
        target: list_ndcg(gain, scores[target], lists.row_lengths, AT)
        for target, gain in gains.items()
    }


def random_by_target(gains: Mapping[str, np.ndarray], lists: Lists) -> dict[str, np.ndarray]:
    """NDCG@10 of each list that a random order has, float [B] by target."""
    return {target: random_ndcg(gain, lists.row_lengths, AT) for target, gain in gains.items()}


class Measure(NamedTuple):
    """An NDCG.

    Attributes:
        name: how it is reported.
        target: a task, whose label is the gain, or `graded`.
        at: last rank that counts.
    """

    name: str
    target: str
    at: int


def ndcg_of_measures(
    dataset: Dataset, measures: Sequence[Measure], lists: Lists, scores: np.ndarray
) -> dict[str, np.ndarray]:
    """NDCG of each list by one and the same scores.

    Args:
        dataset: tasks and grades.
        measures: what is measured.
        lists: B lists of N items.
        scores: float [N].

    Returns:
        float [B] by name of the measure, NaN where a list does not count.
    """
    gains = gains_of_actions(dataset, lists)
    return {
        measure.name: list_ndcg(gains[measure.target], scores, lists.row_lengths, measure.at)
        for measure in measures
    }


def mean_over_measures(values: Mapping[str, np.ndarray]) -> float:
    """One number to choose by: the mean of the means over the lists that count."""
    return float(np.mean([np.nanmean(of_lists) for of_lists in values.values()]))
