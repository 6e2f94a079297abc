"""Which setting a competitor takes in each fold, by validation lists only."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.cross_validation.folds import Trial

# By trial and number of the setting: how good it was on the trial's validation lists.
Validated = Mapping[tuple[Trial, int], float]


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
