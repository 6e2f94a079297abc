"""Which lists train, validate and are evaluated in one fold of a cross-validation."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from data import keys
from data.hashing import hash_shares
from data.list_columns import Lists


class Trial(NamedTuple):
    """One division of the lists.

    Attributes:
        fold: number of the fold, from 0; its lists are evaluated.
        seed: seed of the training, from 1; it also says which of the other lists validate.
    """

    fold: int
    seed: int


class Parts(NamedTuple):
    """Places of the lists of each part, int [..] each; together all lists, each once."""

    training: np.ndarray
    validation: np.ndarray
    evaluation: np.ndarray


def trials(folds: int, seeds: int) -> Iterator[Trial]:
    """All divisions, fold by fold."""
    for fold in range(folds):
        for seed in range(1, seeds + 1):
            yield Trial(fold, seed)


def divide(lists: Lists, trial: Trial, folds: int, validation_share: float) -> Parts:
    """Divides the lists, by hashes of their ids.

    All seeds have the same folds. Seeds take different validation lists as long as there are
    some: seed s takes those whose hash lies in [(s - 1) share, s share), modulo 1.

    Args:
        lists: all lists.
        trial: fold and seed.
        folds: number of folds; they differ by one list at most.
        validation_share: share of the lists of the other folds that validate.

    Returns:
        The parts.
    """
    ids = lists.context[keys.LIST_ID]
    by_hash = np.argsort(hash_shares(ids, "folds"), kind="stable")
    fold = np.empty(len(lists), np.int64)
    fold[by_hash] = np.arange(len(lists)) % folds
    turned = (hash_shares(ids, "validation") - (trial.seed - 1) * validation_share) % 1
    validates = turned < validation_share
    evaluated = fold == trial.fold
    return Parts(
        np.flatnonzero(~evaluated & ~validates),
        np.flatnonzero(~evaluated & validates),
        np.flatnonzero(evaluated),
    )
