"""Whether learning from labels that are not in yet can be done with a dataset and its losses."""

from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import CHAIN, TrainingConfig


def check_feedback(dataset: Dataset, training: TrainingConfig) -> None:
    """Refuses ways of learning that the dataset or the losses have nothing for.

    Args:
        dataset: tasks and their times.
        training: the way, and the losses.

    Raises:
        InputError: no task has what the way needs, or a loss does not go with it.
    """
    way = training.feedback
    if way == "mature_only":
        return
    if not any(task.window for task in dataset.tasks):
        raise InputError(
            f"training.feedback: {way}: expected a task with `matures_after`, found none"
        )
    if not training.models_delays:
        return
    if not any(task.has_delays for task in dataset.tasks):
        raise InputError(
            f"training.feedback: {way}: expected a task with `at` and `matures_after`, found none"
        )
    for task in dataset.tasks:
        loss = training.task_losses.get(task.name, training.default_loss)
        if CHAIN in loss.losses:
            raise InputError(
                f"training.feedback: {way}: expected losses of labels that may still be open,"
                f" found {CHAIN!r} of task {task.name!r}; entire_space and sigmoid_cross_entropy"
                " take them"
            )
        if loss.graded and not dataset.actions_imply_previous:
            raise InputError(
                f"training.feedback: {way}: task {task.name!r} has graded relevance, whose mean is"
                " known only where actions imply the previous"
            )
        before = dataset.stage_before(task) if task.undone_by is not None else None
        if task.undone_by is not None and (before is None or before.at is None):
            raise InputError(
                f"training.feedback: {way}: task {task.name!r}: expected a task before it with its"
                f" column {task.column!r} and `at`, about what can be taken back; found none"
            )
