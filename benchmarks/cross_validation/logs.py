"""Search logs to lists in memory, by the project's own reader."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data import keys
from data.dataset import Dataset
from data.errors import InputError
from data.list_columns import Lists
from data.lists import group_rows
from data.relevance import gain, relevance
from data.rows import canonical_rows
from data.sources import source_for


def read_lists(dataset: Dataset, patterns: Sequence[str]) -> Lists:
    """Reads all lists; rows that cannot be used are left out.

    Args:
        dataset: the dataset.
        patterns: files, globs or folders.

    Returns:
        The lists.

    Raises:
        InputError: there is no file, a file does not fit, or no row can be used.
    """
    source = source_for(dataset)
    files = source.files(patterns)
    source.check(files)
    rows = [
        canonical_rows(dataset, batch).rows
        for file in files
        for shard in source.shards(file)
        for batch in source.read(shard)
    ]
    table = pa.concat_tables(rows)
    if not table.num_rows:
        raise InputError(f"{list(patterns)}: expected rows that can be used, found none")
    return group_rows(dataset, table)


def item_column(lists: Lists, name: str) -> np.ndarray:
    """A column of numbers of items, float [N]; missing is NaN."""
    return lists.items[name].to_numpy()


def context_column(lists: Lists, name: str) -> np.ndarray:
    """A column of lists, repeated for their items, [N]."""
    column = lists.context[name].to_numpy(zero_copy_only=False)
    return column[lists.list_of_item]


def item_relevance(dataset: Dataset, lists: Lists) -> np.ndarray:
    """The largest grade that each item has reached, float [N]."""
    labels = [item_column(lists, keys.label(task.name)) for task in dataset.tasks]
    return relevance(np.stack(labels, axis=1), [task.grade for task in dataset.tasks])


def item_gain(dataset: Dataset, lists: Lists) -> np.ndarray:
    """2^relevance - 1 of each item, float [N]."""
    return gain(item_relevance(dataset, lists))
