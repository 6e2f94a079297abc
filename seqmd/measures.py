"""NDCG of rows, by the one definition that trainer, Evaluator and benchmarks share."""

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import InputError
from data.metrics.list_metrics import list_ndcg
from data.metrics.relevance import gain


def ndcg(
    relevance: npt.ArrayLike,
    scores: npt.ArrayLike,
    list_ids: Sequence[Hashable] | npt.ArrayLike,
    at: int | None = 10,
) -> float:
    """Mean NDCG of lists: gain 2^relevance - 1, discount 1 / log2(rank + 1).

    Items with equal scores share the mean of their gains over the ranks they take together, so a
    constant score earns what a random order earns. Lists in which no order can be wrong do not
    count: those with one item, with nothing relevant, or with items that are all equally relevant.

    Args:
        relevance: relevance of the items, 0 or more, [N]; NaN where it is not known.
        scores: scores of the items, [N]; the highest comes first.
        list_ids: the list of each item, [N], in any order.
        at: last rank that counts; None takes whole lists.

    Returns:
        The mean over the lists that count, NaN where none does.

    Raises:
        InputError: lengths differ, a relevance is negative, a score is missing, or `at` is below 1.

    >>> ndcg([1, 4, 0], [0.9, 0.5, 0.1], ["a", "a", "a"])    # (1 + 15/1.585) / (15 + 1/1.585)
    0.6694...
    >>> ndcg([1, 0, 0, 1], [3, 2, 1, 2], ["a", "a", "b", "b"])
    1.0
    >>> ndcg([1, 0], [0.5, 0.5], ["a", "a"])    # Equal scores: (1 + 1/1.585) / 2.
    0.8154...
    """
    of_items = np.asarray(relevance, np.float64), np.asarray(scores, np.float64)
    codes, names = pd.factorize(np.asarray(list_ids))
    shapes = [array.shape for array in (*of_items, codes)]
    if len(set(shapes)) > 1 or len(shapes[0]) != 1:
        raise InputError(f"ndcg: expected relevance, scores and list_ids [N], found {shapes}")
    if (codes < 0).any():
        raise InputError(f"ndcg: expected a list id for each item, found {(codes < 0).sum()} none")
    if (of_items[0] < 0).any():
        raise InputError(f"ndcg: expected relevance of at least 0, found {np.nanmin(of_items[0])}")
    order = np.argsort(codes, kind="stable")
    known, ranked = (array[order] for array in of_items)
    try:
        values = list_ndcg(gain(known), ranked, np.bincount(codes, minlength=len(names)), at)
    except ValueError as error:
        raise InputError(f"ndcg: {error}") from None
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
