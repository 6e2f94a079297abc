"""What lists have seen of their actions so far, and which labels are final.

A label has three states: yes, no, and too early to say. While the window of a task is open, the
labels of a list are unknown (NaN), those of actions that were seen included: taken alone, they
would say that whatever is known was done. What was seen stands beside them.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.lists import Lists

# Parts of a window in which arrivals are counted.
ARRIVAL_PARTS = 10


@dataclass(frozen=True)
class Unseen:
    """Counts by task of what does not count, or not yet.

    Attributes:
        late: actions after their window, which count as not done.
        taken_back: actions that were taken back.
    """

    late: dict[str, int]
    taken_back: dict[str, int]


def as_seen(dataset: Dataset, lists: Lists) -> tuple[Lists, Unseen]:
    """Turns moments into delays, and labels into what was seen within the tasks' windows.

    Args:
        dataset: its tasks and their times.
        lists: lists with moments, see `keys.moment`.

    Returns:
        Lists with delays in seconds from the list, float32, NaN for none; and counts.
    """
    if not dataset.timed:
        return lists, Unseen({}, {})
    shown = lists.context[keys.LIST_TIME].to_numpy()[lists.list_of_item].astype(float)
    columns = dict(zip(lists.items.schema.names, lists.items.columns, strict=True))
    late, taken_back = {}, {}
    for task in dataset.tasks:
        if task.at is None:
            continue
        label = columns[keys.label(task.name)].to_numpy()
        after = columns.pop(keys.moment(task.name, "at")).to_numpy() - shown
        too_late = (label > 0) & (after > (dataset.limits_action(task).window or np.inf))
        late[task.name] = int(too_late.sum())
        # Unknown whether it was done is not the same as not done.
        label = np.where(too_late, np.float32(0), label)
        columns[keys.delay(task.name)] = _float32(np.where(too_late, np.nan, after))
        if task.undone_by is not None:
            back = columns.pop(keys.moment(task.name, "undone_by")).to_numpy() - shown
            back = np.where((back <= (task.window or np.inf)) & (label > 0), back, np.nan)
            undone = ~np.isnan(back)
            taken_back[task.name] = int(undone.sum())
            label = np.where(undone, np.float32(0), label)
            columns[keys.undone(task.name)] = _float32(back)
        columns[keys.label(task.name)] = _float32(label)
    items = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
    return replace(lists, items=items), Unseen(late, taken_back)


def with_open_windows(dataset: Dataset, lists: Lists, seen_until: np.ndarray | None) -> Lists:
    """Leaves labels open while it is too early to say, and puts beside them what was seen.

    Args:
        dataset: the windows.
        lists: from `as_seen` [B].
        seen_until: until when each list has been seen, seconds since 1970, int64 [B]; None only
            where no task has times.

    Returns:
        The lists, with their ages, and with labels as seen of the tasks that have windows.
    """
    if not dataset.timed:
        return lists
    assert seen_until is not None
    age = seen_until - lists.context[keys.LIST_TIME].to_numpy()
    items = dict(zip(lists.items.schema.names, lists.items.columns, strict=True))
    for task in dataset.tasks:
        if task.window is not None:
            key = keys.label(task.name)
            items[keys.seen(task.name)] = items[key]
            is_open = (age < task.window)[lists.list_of_item]
            items[key] = _float32(np.where(is_open, np.nan, items[key].to_numpy()))
    names = [*lists.context.schema.names, keys.LIST_AGE]
    context = pa.RecordBatch.from_arrays([*lists.context.columns, _float32(age)], names)
    return replace(
        lists, context=context, items=pa.RecordBatch.from_arrays(list(items.values()), list(items))
    )


def seen_lists(dataset: Dataset, lists: Lists, seen_until: float | None) -> Lists:
    """Lists as they were seen until one moment.

    Args:
        dataset: tasks and windows.
        lists: with moments.
        seen_until: seconds since 1970; None only where no task has times.

    Returns:
        What `as_seen` and `with_open_windows` make of them.
    """
    lists, _ = as_seen(dataset, lists)
    until = None if seen_until is None else np.full(len(lists), int(seen_until))
    return with_open_windows(dataset, lists, until)


def open_lists(dataset: Dataset, lists: Lists) -> dict[str, np.ndarray]:
    """By task with a window, which lists, bool [B], have not been seen for as long as that."""
    if not dataset.timed:
        return {}
    age = lists.context[keys.LIST_AGE].to_numpy()
    return {task.name: age < task.window for task in dataset.tasks if task.window is not None}


def arrivals(dataset: Dataset, lists: Lists) -> dict[str, dict[str, np.ndarray]]:
    """When actions came, of lists whose windows have closed.

    Args:
        dataset: tasks and windows.
        lists: from `with_open_windows`.

    Returns:
        By task and region, int64 [ARRIVAL_PARTS]: actions, or where the task has `undone_by`
        actions that were taken back, by equal parts of the window.
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    for task in dataset.tasks:
        if task.at is None or task.window is None:
            continue
        key = keys.undone if task.undone_by is not None else keys.delay
        after = lists.items[key(task.name)].to_numpy()
        closed = lists.context[keys.LIST_AGE].to_numpy() >= task.window
        came = closed[lists.list_of_item] & ~np.isnan(after)
        parts = np.minimum(after[came] / task.window * ARRIVAL_PARTS, ARRIVAL_PARTS - 1)
        regions = lists.context[keys.LIST_REGION].dictionary_encode()
        names = [name.decode(errors="replace") for name in regions.dictionary.to_pylist()]
        codes = regions.indices.to_numpy()[lists.list_of_item[came]]
        places = codes.astype(np.int64) * ARRIVAL_PARTS + parts.astype(np.int64)
        counts = np.bincount(places, minlength=len(names) * ARRIVAL_PARTS)
        found[task.name] = dict(zip(names, counts.reshape(-1, ARRIVAL_PARTS), strict=True))
    return found


def _float32(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype(np.float32))
