"""The served score: a blend of the task probabilities."""

from data.dataset import Dataset
from data.errors import InputError
from models.config import TrainingConfig


def score_weights(dataset: Dataset, config: TrainingConfig) -> list[float]:
    """Weight of each task's probability in the score; they add up to 1.

    By default proportional to the gain 2^grade - 1 of the task's grade.

    Args:
        dataset: its tasks, in order.
        config: `score_weights` by task; a task that is not named weighs nothing.

    Returns:
        A weight a task.

    Raises:
        InputError: a weight is negative or names no task, or all are 0.
    """
    names = [task.name for task in dataset.tasks]
    given = config.score_weights
    if given is None:
        given = {task.name: 2.0**task.grade - 1 for task in dataset.tasks}
    unknown = sorted(set(given) - set(names))
    total = sum(given.values())
    if unknown or min(given.values(), default=0) < 0 or total <= 0:
        raise InputError(
            f"training: score_weights: expected weights of 0 or more for the tasks {names}, "
            f"not all 0, found {dict(given)}"
        )
    return [given.get(name, 0.0) / total for name in names]
