"""Changes to lists before they are written: implied labels are filled, long lists are cut."""

import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.lists import Lists


def fill_implied_labels(
    dataset: Dataset, rows: pa.RecordBatch
) -> tuple[pa.RecordBatch, dict[str, int]]:
    """Sets the labels of all actions before one that was reached, if actions imply the previous.

    Args:
        dataset: its tasks are ordered, and it says whether an action implies the ones before.
        rows: columns with all labels, float [N]; NaN is unknown.

    Returns:
        The rows, and by task how many labels were 0 or unknown and are now 1.
    """
    labels = {task.name: rows[keys.label(task.name)].to_numpy() for task in dataset.tasks}
    implied = {task.name: 0 for task in dataset.tasks}
    if not dataset.actions_imply_previous:
        return rows, implied
    names = list(labels)
    for previous, name in reversed(list(itertools.pairwise(names))):
        missing = (labels[name] > 0) & ~(labels[previous] > 0)
        implied[previous] = int(missing.sum())
        if implied[previous]:
            labels[previous] = np.where(missing, np.float32(1), labels[previous])
    filled = {keys.label(name): pa.array(values) for name, values in labels.items()}
    columns = [filled.get(name, rows[name]) for name in rows.schema.names]
    return pa.RecordBatch.from_arrays(columns, rows.schema.names), implied


@dataclass(frozen=True)
class Cut:
    """Counts of what was cut.

    Attributes:
        lists: lists that were cut.
        items: items that were cut off.
        positives: items among them with a positive label, by task.
    """

    lists: int
    items: int
    positives: dict[str, int]


def cut_lists(dataset: Dataset, lists: Lists, cuttable: np.ndarray) -> tuple[Lists, Cut]:
    """Keeps the first `longest_training_list` items of lists, in their order.

    First by shown position (items without one come last), else by the order in the files; never
    by label.

    Args:
        dataset: says how long a list may be.
        lists: the lists.
        cuttable: bool [B], lists that may be cut: those that train.

    Returns:
        The lists, and what was cut.
    """
    longest = dataset.longest_training_list or np.inf
    too_long = cuttable & (lists.row_lengths > longest)
    kept = np.ones(lists.items.num_rows, bool)
    if too_long.any():
        kept = (_ranks(lists) < longest) | ~too_long[lists.list_of_item]
    positives = {
        task.name: int((lists.items[keys.label(task.name)].to_numpy()[~kept] > 0).sum())
        for task in dataset.tasks
    }
    cut = Cut(lists=int(too_long.sum()), items=int((~kept).sum()), positives=positives)
    return (lists.with_items(kept) if cut.items else lists), cut


def _ranks(lists: Lists) -> np.ndarray:
    """int64 [N]: how many items of its list come before each item."""
    if keys.ITEM_POSITION not in lists.items.schema.names:
        return np.arange(lists.items.num_rows) - lists.starts[lists.list_of_item]
    positions = lists.items[keys.ITEM_POSITION].to_numpy()
    # Sorting is stable and puts NaN last.
    order = np.lexsort((positions, lists.list_of_item))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order)) - lists.starts[lists.list_of_item]
    return ranks
