"""Division of lists into training, validation and evaluation; no list is in two splits."""

import datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from data.definition import keys
from data.definition.base import Definition
from data.hashing import hash_shares

if TYPE_CHECKING:
    from data.definition.dataset import Dataset

TRAINS, VALIDATES, EVALUATES = range(len(keys.SPLITS))


class Split(Definition):
    """How lists are divided into training, validation and evaluation lists; never through a list.

    Attributes:
        by: `time`, or the hash of the `user` (or session) or of the `list`.
        evaluation_from: with `time`: lists from this moment on are evaluated.
        validation_from: with `time`: lists from this moment to evaluation_from validate.
        evaluation_share: with a hash: share of all lists that are evaluated; default 0.2.
        validation_share: with a hash: share of the other lists that validate; default 0.1.
    """

    by: Literal["time", "user", "list"] = "list"
    evaluation_from: datetime.datetime | None = None
    validation_from: datetime.datetime | None = None
    evaluation_share: float = Field(default=0.2, gt=0, lt=1)
    validation_share: float = Field(default=0.1, gt=0, lt=1)

    @model_validator(mode="after")
    def _check(self) -> "Split":
        dates = (self.validation_from, self.evaluation_from)
        if self.by == "time":
            if None in dates:
                raise ValueError("a split by time needs validation_from and evaluation_from")
            if len({moment.tzinfo is None for moment in dates if moment}) > 1:
                raise ValueError("of validation_from and evaluation_from one has a zone")
            if self.validation_from >= self.evaluation_from:  # type: ignore[operator]
                raise ValueError("validation_from must be before evaluation_from")
        elif dates != (None, None):
            raise ValueError(f"dates are for a split by time, not by {self.by}")
        return self


def split_lists(
    dataset: "Dataset", context: pa.RecordBatch, evaluated: np.ndarray | None = None
) -> np.ndarray:
    """The split of each list.

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
        splits = np.minimum(splits, VALIDATES)
    else:
        splits = _by_hash(dataset, context, evaluates=False)
    return np.where(evaluated, EVALUATES, splits).astype(np.int8)


def seconds(dataset: "Dataset", moment: datetime.datetime) -> float:
    """A moment in seconds since 1970; without a zone it is in the zone of the dataset's times."""
    if moment.tzinfo is None and dataset.time is not None:
        moment = moment.replace(tzinfo=ZoneInfo(dataset.time.zone))
    return moment.timestamp()


def _by_time(dataset: "Dataset", context: pa.RecordBatch) -> np.ndarray:
    dates = (dataset.split.validation_from, dataset.split.evaluation_from)
    moments = [seconds(dataset, date) for date in dates if date is not None]
    times = context[keys.LIST_TIME].to_numpy()
    return np.searchsorted(moments, times, side="right").astype(np.int8)


def _by_hash(dataset: "Dataset", context: pa.RecordBatch, evaluates: bool = True) -> np.ndarray:
    texts = context[keys.LIST_ID]
    if dataset.split.by == "user":
        # Lists without a user would otherwise all land on one side.
        users = context[keys.LIST_USER]
        texts = pc.if_else(pc.equal(pc.binary_length(users), 0), texts, users)
    validates = hash_shares(texts, "validation") < dataset.split.validation_share
    splits = np.where(validates, VALIDATES, TRAINS)
    if evaluates:
        is_evaluated = hash_shares(texts, "evaluation") < dataset.split.evaluation_share
        splits = np.where(is_evaluated, EVALUATES, splits)
    return splits.astype(np.int8)
