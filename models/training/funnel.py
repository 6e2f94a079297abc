"""Whether the logs' funnel is clean, which the loss `chain` rests on."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import CHAIN, TaskLoss
from models.training.input_pipeline import funnel_breaks
from models.training.workers import Workers


def check_funnel(
    dataset: Dataset, losses: Mapping[str, TaskLoss], files: Sequence[str], workers: Workers
) -> None:
    """Refuses the loss `chain` where an action of the training lists comes without the one before.

    Lists are not read where no task has that loss.

    Args:
        dataset: the tasks.
        losses: the loss of each task.
        files: TFRecord files of training lists, this worker's share of them.
        workers: those that train together; what each finds is added up.

    Raises:
        InputError: the funnel is not clean; it says of how many items, and after which action.
    """
    if not any(CHAIN in loss.losses for loss in losses.values()):
        return
    found = workers.gathered(funnel_breaks(files, dataset)[np.newaxis]).sum(axis=0)
    items, broken, of_tasks = int(found[0]), int(found[1]), found[2:]
    if not broken:
        return
    names = [task.name for task in dataset.tasks]
    pairs = [
        f"{int(count):,} with {name!r} and without {before!r}"
        for (before, name), count in zip(itertools.pairwise(names), of_tasks, strict=True)
        if count
    ]
    raise InputError(
        f"training: loss {CHAIN!r}: expected training lists in which no action comes without the"
        f" one before, found {broken:,} of {items:,} items that break this: {', '.join(pairs)}."
        " Where the earlier action was only not logged, `actions_imply_previous: true` fills it in;"
        " else take 'sigmoid_cross_entropy' with `descending: false`"
    )
