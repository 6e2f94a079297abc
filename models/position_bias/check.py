"""Whether position bias can be corrected at all."""

from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import TrainingConfig


def check_position_bias(dataset: Dataset, training: TrainingConfig) -> None:
    """Refuses a correction where positions are not known.

    Args:
        dataset: names the column of positions.
        training: asks for the correction.

    Raises:
        InputError: the dataset names none, or labels that are not in yet have weights of their own.
    """
    if training.corrects_positions and dataset.position is None:
        raise InputError(
            f"training.position_bias: expected a dataset that names the column `position`, where "
            f"items were shown, with {training.position_bias!r}; {dataset.name!r} names none"
        )
    if training.position_bias == "inverse_propensity" and training.models_delays:
        raise InputError(
            "training.position_bias: expected 'additive' with feedback: "
            f"{training.feedback!r}, which weighs what was done by itself; found "
            "'inverse_propensity'"
        )
