"""The served score: what an item is expected to gain."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from data.definition.dataset import Dataset
from data.errors import InputError
from data.metrics.relevance import gain_steps

# The largest number below 1 in 32 bits: log(1 - 1) would have no gradient to explain by.
_LARGEST = 1 - 2.0**-24


class Score:
    """What lists are ranked by: the expected gain as a share of the largest one, or a blend.

    Gain is 2^relevance - 1, and relevance the largest grade reached, so
    E[gain] = sum over tasks m of (2^grade_m - 2^grade_(m-1)) * P(action m or a later one).
    Where actions imply the ones before them, action m or a later one is action m, and the score
    is a weighted sum of the probabilities. Where they do not, actions are taken as independent
    given the item: 1 - product over i >= m of (1 - p_i).

    Args:
        dataset: its tasks, in order, of grades that do not fall.
        weights: of the tasks' probabilities, for a weighted sum of them instead; a task that is not
            named weighs nothing.

    Raises:
        InputError: a weight names no task.
    """

    def __init__(self, dataset: Dataset, weights: Mapping[str, float] | None) -> None:
        names = [task.name for task in dataset.tasks]
        self._linear = weights is not None or dataset.actions_imply_previous
        found = _given(names, weights) if weights else gain_steps([t.grade for t in dataset.tasks])
        self._weights = [weight / sum(found) for weight in found]

    def __call__(self, probabilities: tf.Tensor) -> tf.Tensor:
        """Scores items.

        Args:
            probabilities: of the actions, float [N, T].

        Returns:
            float [N], from 0 to 1.
        """
        if not self._linear:
            # By logarithms, since 1 - (1 - p) would round small probabilities to the same number.
            below_1 = tf.minimum(probabilities, _LARGEST)
            none_later = tf.cumsum(tf.math.log1p(-below_1), axis=-1, reverse=True)
            probabilities = -tf.math.expm1(none_later)
        return tf.linalg.matvec(probabilities, self._weights)


def _given(names: Sequence[str], weights: Mapping[str, float]) -> list[float]:
    unknown = sorted(set(weights) - set(names))
    if unknown:
        raise InputError(
            f"training: score_weights: expected weights for the tasks {names}, found {unknown}"
        )
    return [weights.get(name, 0.0) for name in names]
