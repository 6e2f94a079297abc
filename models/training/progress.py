"""How far training is: what the console draws."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

TRAINING_LOGGER = logging.getLogger("seqmd.training")


@dataclass(frozen=True)
class TrainingProgress:
    """Where training stands; the attribute `progress` of records of the logger `seqmd.training`.

    Attributes:
        epoch: the epoch under way, from 1.
        epochs: epochs at most.
        step: batches done in this epoch.
        steps: batches in an epoch.
        loss: mean total loss of this epoch's batches so far.
        metrics: validation metrics where the epoch is finished, else None.
        ndcg_at: rank at which their NDCG is cut off; None takes whole lists.
        best_by: the metric by which an epoch is kept; None keeps the last one.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    metrics: Mapping[str, float] | None = None
    ndcg_at: int | None = None
    best_by: str | None = None


def ndcg_title(at: int | None) -> str:
    """What NDCG is called that is cut off at a rank, or is of whole lists."""
    return "NDCG of whole lists" if at is None else f"NDCG@{at}"


def report(progress: TrainingProgress) -> None:
    """Logs progress, for people and, as `record.progress`, for programs."""
    text = (
        f"epoch {progress.epoch} of {progress.epochs}, batch {progress.step} of {progress.steps}: "
        f"loss {progress.loss:.4f}"
    )
    if progress.metrics is not None:
        text += "".join(f", {name} {value:.4f}" for name, value in progress.metrics.items())
    TRAINING_LOGGER.info(text, extra={"progress": progress})
