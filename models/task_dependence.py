"""What losses, rankers and the descending probability ask of one another."""

from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import PRODUCT_LOSSES, PRODUCT_RANKERS, ModelConfig, TrainingConfig


def check_dependence(dataset: Dataset, model: ModelConfig, training: TrainingConfig) -> None:
    """Refuses what makes no sense with probabilities that descend, or that do not.

    Args:
        dataset: its tasks, and whether an action implies the ones before.
        model: the network.
        training: the losses.

    Raises:
        InputError: `chain`, `entire_space` or the ranker `esmm` without the descending
            probability, or the behavioural calibrator with it.
    """
    descends = model.descends(dataset.actions_imply_previous)
    if descends and training.behavioural_calibrator:
        raise InputError(
            "training: behavioural_calibrator: expected probabilities that can rise from task to"
            f" task, `descending: false` under `model`; found {_why(dataset, model)}, which leaves"
            " it nothing to penalise"
        )
    if descends:
        return
    for task in dataset.tasks:
        for name in training.task_losses.get(task.name, training.default_loss).losses:
            if name in PRODUCT_LOSSES:
                raise InputError(
                    _product_needed(f"training: loss {name!r} of {task.name!r}", dataset, model)
                )
    if model.ranker in PRODUCT_RANKERS:
        raise InputError(_product_needed(f"model: ranker {model.ranker!r}", dataset, model))


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
