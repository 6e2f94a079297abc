"""What losses, rankers and the descending probability ask of one another."""

from collections.abc import Iterator

from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import (
    ENTIRE_SPACE,
    ESMM,
    JOURNEY,
    POINTWISE_LOSSES,
    PRODUCT_LOSSES,
    PRODUCT_RANKERS,
    GradientThrough,
    LossName,
    ModelConfig,
    TrainingConfig,
)


def check_dependence(dataset: Dataset, model: ModelConfig, training: TrainingConfig) -> None:
    """Refuses what makes no sense with probabilities that descend, or that do not.

    Args:
        dataset: its tasks, and whether an action implies the ones before.
        model: the network.
        training: the losses.

    Raises:
        InputError: `chain`, `entire_space` or the rankers `esmm` and `journey` without the
            descending probability, `entire_space` or `esmm` with gradients of the own factor alone,
            the behavioural calibrator with the descending probability, or `journey` without
            anything that can be taken back, or without the losses that its parts learn by.
    """
    if model.ranker == JOURNEY:
        _check_journey(dataset, training)
    descends = model.descends(dataset.actions_imply_previous)
    if descends and training.behavioural_calibrator:
        raise InputError(
            "training: behavioural_calibrator: expected probabilities that can rise from task to"
            f" task, `descending: false` under `model`; found {_why(dataset, model)}, which leaves"
            " it nothing to penalise"
        )
    if descends:
        _check_gradient(dataset, model, training)
        return
    for loss, named in _losses(dataset, training):
        if loss in PRODUCT_LOSSES:
            raise InputError(_product_needed(f"training: {named}", dataset, model))
    if model.ranker in PRODUCT_RANKERS:
        raise InputError(_product_needed(f"model: ranker {model.ranker!r}", dataset, model))


def gradient_through(
    dataset: Dataset, model: ModelConfig, training: TrainingConfig
) -> GradientThrough:
    """Which logits of the descending probability a task's loss trains.

    Args:
        dataset: its tasks.
        model: the network.
        training: the losses.

    Returns:
        What `model` says; where it says nothing, `all` if a loss or the ranker learns the product
        as a whole, else `own`.
    """
    if model.descending_gradient is not None:
        return model.descending_gradient
    return "all" if _learning_the_whole(dataset, model, training) else "own"


def _check_gradient(dataset: Dataset, model: ModelConfig, training: TrainingConfig) -> None:
    whole = _learning_the_whole(dataset, model, training)
    if whole and model.descending_gradient == "own":
        raise InputError(
            f"model: descending_gradient: expected 'all', or none named, with {whole[0]}, which"
            " learns the product along the funnel as a whole; found 'own'"
        )


def _learning_the_whole(
    dataset: Dataset, model: ModelConfig, training: TrainingConfig
) -> list[str]:
    """What learns each task's factor by the losses of later tasks as well."""
    rankers = [f"ranker {model.ranker!r}"] if model.ranker == ESMM else []
    losses = [named for loss, named in _losses(dataset, training) if loss == ENTIRE_SPACE]
    return [*rankers, *losses]


def _losses(dataset: Dataset, training: TrainingConfig) -> Iterator[tuple[LossName, str]]:
    for task in dataset.tasks:
        for loss in training.task_losses.get(task.name, training.default_loss).losses:
            yield loss, f"loss {loss!r} of {task.name!r}"


def _check_journey(dataset: Dataset, training: TrainingConfig) -> None:
    taken_back = [task for task in dataset.tasks if task.undone_by is not None]
    if not taken_back or dataset.tasks[0] in taken_back:
        raise InputError(
            f"model: ranker {JOURNEY!r}: expected a task with `undone_by` after one without, whose"
            f" taking back has a head of its own; found {[task.name for task in dataset.tasks]}"
        )
    for task in taken_back:
        losses = training.task_losses.get(task.name, training.default_loss).losses
        pointwise = set(losses) & set(POINTWISE_LOSSES)
        if not pointwise or pointwise == set(losses):
            raise InputError(
                f"training: losses of {task.name!r} with ranker {JOURNEY!r}: expected one of"
                f" {list(POINTWISE_LOSSES)}, by which its head learns, and a listwise one, by which"
                f" the combination does; found {list(losses)}"
            )


def _product_needed(what: str, dataset: Dataset, model: ModelConfig) -> str:
    return (
        f"{what}: expected probabilities that are products along the funnel, `descending: true`"
        f" under `model`; found {_why(dataset, model)}"
    )


def _why(dataset: Dataset, model: ModelConfig) -> str:
    found = f"`descending: {str(model.descends(dataset.actions_imply_previous)).lower()}`"
    if model.descending is not None:
        return found
    return f"{found}, which follows from `actions_imply_previous` of the dataset"
