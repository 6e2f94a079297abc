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
        InputError: a weight names no task.
    """
    names = [task.name for task in dataset.tasks]
    given = config.score_weights
    if given is None:
        given = {task.name: 2.0**task.grade - 1 for task in dataset.tasks}
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise InputError(
            f"training: score_weights: expected weights for the tasks {names}, found {unknown}"
        )
    total = sum(given.values())
    return [given.get(name, 0.0) / total for name in names]
