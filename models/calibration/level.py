"""The level of a task, from more lists than those that its calibration is fitted to."""

import numpy as np
from scipy.special import expit, logit

from data.metrics.ranked import Floats
from models.calibration.curves import Observed

_STEPS = 20


def level_shift(
    task: Observed, calibrated: Floats, positives_elsewhere: float, weight_elsewhere: float
) -> float:
    """What is added to a task's calibrated logits so that their mean is what all lists say.

    Few validation lists know a task's rate r badly, and training lists know it better, unless it
    has changed since. With d = logit r_here - logit r_elsewhere, and s its standard error, the
    level is that of all lists together, and goes back to the lists' own by the share
    max(0, 1 - s^2 / d^2), as James and Stein shrink: wholly by chance it stays, far beyond it goes.

    Args:
        task: what was seen of the N items.
        calibrated: their calibrated logits, float [N].
        positives_elsewhere: weight of the positives of other lists.
        weight_elsewhere: weight of all labelled items of other lists.

    Returns:
        The shift; 0 where a rate is not known.
    """
    if not task.says_something or not 0 < positives_elsewhere < weight_elsewhere:
        return 0.0
    weight = float(task.weights.sum())
    positives = float(task.weights @ task.labels)
    all_lists = (positives + positives_elsewhere) / (weight + weight_elsewhere)
    apart = float(logit(positives / weight) - logit(positives_elsewhere / weight_elsewhere))
    variance = task.dispersion(calibrated) / (all_lists * (1 - all_lists))
    variance *= 1 / weight + 1 / weight_elsewhere
    own = max(0.0, 1 - variance / apart**2) if apart else 0.0
    wanted = expit(own * logit(positives / weight) + (1 - own) * logit(all_lists))
    shift = 0.0
    for _ in range(_STEPS):
        probabilities = expit(calibrated + shift)
        information = task.weights @ (probabilities * (1 - probabilities))
        lacking = wanted * weight - task.weights @ probabilities
        shift += float(np.clip(lacking / information, -1, 1))
    return shift
