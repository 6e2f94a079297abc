"""Relevance and gain of an item, from the labels of its tasks."""

from collections.abc import Sequence

import numpy as np

from data.metrics.ranked import Floats


def relevance(labels: Floats, grades: Sequence[int]) -> Floats:
    """The largest grade that an item has reached.

    Relevance of an item = max over tasks of grade * label, 0 where no action was reached.

    Args:
        labels: float [N, T], above 0 where the action was reached, NaN where unknown.
        grades: grade of each of the T tasks.

    Returns:
        float [N]; NaN where an unknown label could still raise the relevance: a missing label is
        not taken for an action that was not reached.
    """
    labels, steps = np.asarray(labels), np.asarray(grades, dtype=np.float64)
    reached = np.max((labels > 0) * steps, axis=-1, initial=0)
    possible = np.max(np.isnan(labels) * steps, axis=-1, initial=0)
    return np.where(possible > reached, np.float64(np.nan), reached)


def gain(relevance: Floats) -> Floats:
    """Gain of an item: 2^relevance - 1.

    Args:
        relevance: float [N], NaN where unknown.

    Returns:
        float [N], NaN where unknown.
    """
    return np.exp2(np.asarray(relevance, dtype=np.float64)) - np.float64(1)


def gain_steps(grades: Sequence[int]) -> list[float]:
    """What the gain grows by with each task's action: 2^grade_m - 2^grade_(m-1), grade_0 = 0.

    Args:
        grades: grade of each of the T tasks, not falling.

    Returns:
        float [T]; grades 1, 2, 3 give 1, 2, 4.
    """
    return [2.0**grade - 2.0**before for before, grade in zip([0, *grades], grades, strict=False)]


def expected_gain(probabilities: Sequence[Floats], grades: Sequence[int]) -> Floats:
    """The mean gain of an item where each action implies the ones before it.

    The gain grows by 2^grade_m - 2^grade_(m-1) with action m, which happens with its probability.

    Args:
        probabilities: float [N] of each of the T tasks' actions, in order.
        grades: grade of each task.

    Returns:
        float [N].
    """
    steps = gain_steps(grades)
    return np.asarray(sum(step * p for step, p in zip(steps, probabilities, strict=True)))
