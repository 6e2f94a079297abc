"""Labels that other labels imply."""

import itertools

import numpy as np
import pyarrow as pa

from data import keys
from data.dataset import Dataset


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
