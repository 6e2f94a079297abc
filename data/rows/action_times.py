"""When actions were done and taken back: read, and checked against the list and the label."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.splitting import seconds
from data.definition.task import Task
from data.rows.checked import CheckedColumns


class ActionTimes:
    """The times of the actions of a batch.

    A row is set aside where a time is no time, lies before that of the list or of the action that
    it takes back, or after what the logs have seen; or where label and time contradict each other.

    Args:
        dataset: the definition.
        checked: the columns of the batch.
        shown: when the list of each row was shown, in seconds since 1970, int64 [N].
        seen_until: the moment until which the logs have seen actions, in seconds since 1970; None
            where that is the newest time in them.
    """

    def __init__(
        self,
        dataset: Dataset,
        checked: CheckedColumns,
        shown: np.ndarray,
        seen_until: float | None,
    ) -> None:
        self._dataset = dataset
        self._checked = checked
        self._shown = shown
        self._until = seen_until
        self._read: dict[tuple[str, str], np.ndarray] = {}

    def columns(self) -> dict[str, pa.Array]:
        """Moments by key, float64 [N]: seconds since 1970, NaN for none."""
        assert self._dataset.time is not None
        if self._until is not None:
            late = self._shown > self._until
            self._refuse(late, self._dataset.time.column, self._seen)
        found = {}
        for task, field, _ in self._dataset.action_times():
            moments = self._moments(task, field)
            found[keys.moment(task.name, field)] = pa.array(moments)
        return found

    def labels(self, task: Task, counts: np.ndarray | None) -> np.ndarray:
        """The labels of a task with times, which tell whether there is one.

        Args:
            task: the task.
            counts: its column, float32 [N], NaN where unknown; None where that is its time.

        Returns:
            float32 [N].
        """
        done = ~np.isnan(self._moments(task, "at"))
        if counts is None:
            return done.astype(np.float32)
        column = str(task.column_of("at"))
        self._refuse(~done & (counts > 0), column, f"a time where {task.column} is above 0")
        self._refuse(done & (counts == 0), column, f"no time where {task.column} is 0")
        return np.where(done & np.isnan(counts), np.float32(1), counts)

    def _moments(self, task: Task, field: str) -> np.ndarray:
        # By task: what takes one action back may be an action itself, of which less is expected.
        if (task.name, field) not in self._read:
            column = str(task.column_of(field))
            self._read[task.name, field] = self._checked_moments(task, field, column)
        return self._read[task.name, field]

    def _checked_moments(self, task: Task, field: str, column: str) -> np.ndarray:
        time = self._dataset.time_of(getattr(task, field))
        moments = self._checked.moments(time, f"task {task.name!r}: {field}")
        shown = str(self._dataset.time and self._dataset.time.column)
        self._refuse(moments < self._shown, column, f"a time from that of the list ({shown}) on")
        if field == "undone_by":
            done = self._moments(task, "at")
            nothing = np.isnan(done) & ~np.isnan(moments)
            self._refuse(nothing, column, f"no time where {task.column_of('at')} has none")
            action = f"a time from that of the action ({task.column_of('at')}) on"
            self._refuse(moments < done, column, action)
        if self._until is not None:
            self._refuse(moments > self._until, column, self._seen)
        return moments

    @property
    def _seen(self) -> str:
        return f"a time up to seen_until ({self._dataset.seen_until})"

    def _refuse(self, wrong: np.ndarray, column: str, expected: str) -> None:
        if wrong.any():
            self._checked.refuse(wrong, column, expected)


def explicit_seen_until(dataset: Dataset) -> float | None:
    """The moment that a definition names, in seconds since 1970; None for the newest."""
    moment = dataset.seen_until
    return None if moment == "newest" or not dataset.timed else seconds(dataset, moment)


def newest(dataset: Dataset, rows: pa.Table) -> int | None:
    """The newest time among rows: of lists, actions and undoings, in seconds since 1970.

    Args:
        dataset: the definition.
        rows: canonical rows.

    Returns:
        The moment; None where there are no rows or no times.
    """
    if not dataset.timed or not rows.num_rows:
        return None
    names = [keys.moment(task.name, field) for task, field, _ in dataset.action_times()]
    moments = [pc.max(rows[name].combine_chunks().cast(pa.float64())) for name in names]
    latest = [found.as_py() for found in moments]
    known = [value for value in latest if value is not None and not np.isnan(value)]
    return int(max([*known, pc.max(rows[keys.LIST_TIME]).as_py()]))
