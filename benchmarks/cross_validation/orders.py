"""Orders that need no training."""

from collections.abc import Callable

import numpy as np

from benchmarks.cross_validation.competitor import Scores, Setting
from benchmarks.cross_validation.logs import item_column
from benchmarks.cross_validation.prepared import Prepared
from data import keys
from data.list_columns import Lists

PARTS = ("validation", "evaluation")


def by_column(name: str) -> Callable[[Prepared, int, Setting], Scores]:
    """Descending order of a feature; items without a value come last."""
    return _by(lambda lists: np.nan_to_num(item_column(lists, name), nan=-np.inf))


def random_order() -> Callable[[Prepared, int, Setting], Scores]:
    """Equal scores: their NDCG is the expected NDCG of a random order."""
    return _by(lambda lists: np.zeros(int(lists.row_lengths.sum())))


def logged_order() -> Callable[[Prepared, int, Setting], Scores]:
    """The order that was shown."""
    return _by(lambda lists: -item_column(lists, keys.ITEM_POSITION))


def _by(score: Callable[[Lists], np.ndarray]) -> Callable[[Prepared, int, Setting], Scores]:
    def rank(prepared: Prepared, seed: int, setting: Setting) -> Scores:
        return {part: score(prepared.lists[part]) for part in PARTS}

    return rank
