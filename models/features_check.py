"""Whether a dataset has the features that a configuration asks something of."""

from data.definition.dataset import Dataset
from data.errors import InputError
from data.similar_names import did_you_mean
from models.config import ModelConfig, TrainingConfig


def check_features(dataset: Dataset, model: ModelConfig) -> None:
    """Refuses parts of a network that the dataset has no features for.

    Args:
        dataset: the dataset.
        model: the network.

    Raises:
        InputError: an encoder of histories is asked for and there are none; something is asked of
            kinds of items and no feature names kinds, or a second stage for a kind that none names.
    """
    if model.history is not None and dataset.history is None:
        raise InputError(
            "model: history: expected features of scope history in the dataset, found none"
        )
    asked = {
        "kind_alignment": model.kind_alignment if model.kind_alignment != "none" else None,
        "kind_knowledge": list(model.kind_knowledge) or None,
    }
    found = [f"{name}: {value}" for name, value in asked.items() if value]
    if found and not dataset.kinds:
        raise InputError(
            f"model: expected features with `kinds` in the dataset with {', '.join(found)}; found"
            " none"
        )
    kind = model.second_stage
    if kind is not None and (kind not in dataset.kinds or len(dataset.kinds) == 1):
        raise InputError(
            f"model: second_stage: expected one of several kinds that features name, found {kind!r}"
            f" and the kinds {list(dataset.kinds)}{did_you_mean(kind, dataset.kinds)}"
        )


def check_second_stage(model: ModelConfig, training: TrainingConfig, started: bool) -> None:
    """Refuses a second stage that has no first, or that learns from what it does not read.

    Args:
        model: the network.
        training: its training.
        started: whether it starts from a pushed model.

    Raises:
        InputError: it does not, or labels that are not in yet are to be learnt from.
    """
    if model.second_stage is None:
        return
    if not started:
        raise InputError(
            f"model: second_stage: {model.second_stage}: expected --warm-start with a model of all"
            " kinds, on which this one stands; found none"
        )
    if training.feedback != "mature_only":
        raise InputError(
            "training: feedback: expected mature_only with `second_stage`, found"
            f" {training.feedback}"
        )
