"""Which lists train, validate and are evaluated. A list is never on two sides."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data import keys
from data.dataset import Dataset
from data.hashing import hash_shares

TRAIN, VALIDATION, EVALUATION = range(len(keys.SPLITS))


def split_lists(
    dataset: Dataset, context: pa.RecordBatch, evaluated: np.ndarray | None = None
) -> np.ndarray:
    """Says which split each list belongs to.

    A list's side depends on its own time, user or id only, never on other lists, so that lists
    that come later move none.

    Args:
        dataset: names the split.
        context: the lists' context [B].
        evaluated: bool [B], lists from files that are for evaluation only; all others then train
            or validate. None where no such files are given.

    Returns:
        int8 [B], indices into `keys.SPLITS`.
    """
    by_time = dataset.split.by == "time"
    splits = _by_time(dataset, context) if by_time else _by_hash(dataset, context)
    if evaluated is None:
        return splits
    if by_time:
        splits = np.minimum(splits, VALIDATION)
    else:
        splits = _by_hash(dataset, context, evaluates=False)
    return np.where(evaluated, EVALUATION, splits).astype(np.int8)


def seconds(dataset: Dataset, moment: datetime.datetime) -> float:
    """A moment in seconds since 1970; without a zone it is in the zone of the dataset's times."""
    if moment.tzinfo is None and dataset.time is not None:
        moment = moment.replace(tzinfo=ZoneInfo(dataset.time.zone))
    return moment.timestamp()


def _by_time(dataset: Dataset, context: pa.RecordBatch) -> np.ndarray:
    dates = (dataset.split.validation_from, dataset.split.evaluation_from)
    moments = [seconds(dataset, date) for date in dates if date is not None]
    times = context[keys.LIST_TIME].to_numpy()
    return np.searchsorted(moments, times, side="right").astype(np.int8)


def _by_hash(dataset: Dataset, context: pa.RecordBatch, evaluates: bool = True) -> np.ndarray:
    texts = context[keys.LIST_ID]
    if dataset.split.by == "user":
        # Lists without a user would otherwise all land on one side.
        users = context[keys.LIST_USER]
        texts = pc.if_else(pc.equal(pc.binary_length(users), 0), texts, users)
    validates = hash_shares(texts, "validation") < dataset.split.validation_share
    splits = np.where(validates, VALIDATION, TRAIN)
    if evaluates:
        is_evaluated = hash_shares(texts, "evaluation") < dataset.split.evaluation_share
        splits = np.where(is_evaluated, EVALUATION, splits)
    return splits.astype(np.int8)
