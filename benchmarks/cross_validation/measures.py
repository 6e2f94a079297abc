"""What rankings are judged by."""

from typing import NamedTuple

import numpy as np

from benchmarks.cross_validation.logs import item_column, item_gain
from data import keys
from data.dataset import Dataset
from data.list_columns import Lists
from data.ndcg import list_ndcg


class Measure(NamedTuple):
    """An NDCG.

    Attributes:
        name: how it is reported.
        task: the task whose label is the relevance; None takes the gain of graded relevance.
        at: last rank that counts.
    """

    name: str
    task: str | None
    at: int


Values = dict[str, np.ndarray]


def ndcg_of_lists(
    dataset: Dataset, measures: tuple[Measure, ...], lists: Lists, scores: np.ndarray
) -> Values:
    """NDCG of each list.

    Args:
        dataset: tasks and grades.
        measures: what is measured.
        lists: B lists of N items.
        scores: float [N].

    Returns:
        By name of the measure float [B], NaN where a list has nothing relevant.
    """
    values = {}
    for measure in measures:
        if measure.task is None:
            gains = item_gain(dataset, lists)
        else:
            gains = item_column(lists, keys.label(measure.task)).astype(np.float64)
        values[measure.name] = list_ndcg(gains, scores, lists.row_lengths, measure.at)
    return values


def overall(values: Values) -> float:
    """One number to choose by: the mean of the measures' means over the lists that count."""
    return float(np.mean([np.nanmean(of_lists) for of_lists in values.values()]))
