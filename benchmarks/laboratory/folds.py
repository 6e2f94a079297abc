"""The folds of a cross-validation: which lists train, validate and are evaluated in each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.laboratory.logs import Parts
from data.definition import keys
from data.hashing import hash_shares
from data.lists.lists import Lists


class Trial(NamedTuple):
    """One division of the lists.

    Attributes:
        fold: number of the fold, from 0; its lists are evaluated.
        seed: seed of the training, from 1; it also says which of the other lists validate.
    """

    fold: int
    seed: int


# By trial and number of the setting: how good it was on the trial's validation lists.
Validated = Mapping[tuple[Trial, int], float]


def trials(folds: int, seeds: int) -> Iterator[Trial]:
    """All divisions, fold by fold."""
    for fold in range(folds):
        for seed in range(1, seeds + 1):
            yield Trial(fold, seed)


def divide(lists: Lists, trial: Trial, folds: int, validation_share: float) -> Parts:
    """Divides the lists, by hashes of their users: nobody's lists are in two parts.

    All seeds have the same folds. Seeds take different validation lists as long as there are
    some: seed s takes those whose hash lies in [(s - 1) share, s share), modulo 1.

    Args:
        lists: all lists.
        trial: fold and seed.
        folds: number of folds; they differ by one user at most.
        validation_share: share of the lists of the other folds that validate.

    Returns:
        The parts.
    """
    # The list's own id where the logs have no users.
    users = lists.context[keys.LIST_USER]
    _, rank = np.unique(hash_shares(users, "folds"), return_inverse=True)
    fold = rank % folds
    turned = (hash_shares(users, "validation") - (trial.seed - 1) * validation_share) % 1
    validates = turned < validation_share
    evaluated = fold == trial.fold
    return Parts(
        np.flatnonzero(~evaluated & ~validates),
        np.flatnonzero(~evaluated & validates),
        np.flatnonzero(evaluated),
    )


def choose_settings(validated: Validated, trials: Sequence[Trial], settings: int) -> dict[int, int]:
    """Chooses a setting for each fold: the best one on average over the seeds.

    The validation lists of all seeds of a fold are lists of the other folds, so none of the fold's
    evaluation lists has a say.

    Args:
        validated: the values.
        trials: all trials.
        settings: number of settings.

    Returns:
        Number of the setting by fold; the first one among equals.
    """
    chosen = {}
    for fold in sorted({trial.fold for trial in trials}):
        own = [trial for trial in trials if trial.fold == fold]
        means = [
            np.mean([validated[trial, setting] for trial in own]) for setting in range(settings)
        ]
        chosen[fold] = int(np.argmax(means))
    return chosen
