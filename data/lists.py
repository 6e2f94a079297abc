"""Canonical rows -> whole lists -> serialized tf.Examples. All work is done on columns.

In a tf.Example, context keys hold one value (or vector) and item keys one value (or vector) an
item.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data import keys
from data.batches import (
    concatenate,
    one_batch,
    pick,
    replace_column,
    select,
    unequal_neighbours,
    with_bytes,
)
from data.dataset import Dataset
from data.encoding import encode_examples
from data.list_columns import Lists
from data.roles import column_of_context
from data.rows.schema import FILE, ROW

# The time of a list's latest row, beside the list's time.
LATEST = "__latest"
# Seconds that the rows of one list may lie apart.
LONGEST_LIST = 86_400

_ITEMS_AT_ONCE = 131_072


def group_rows(dataset: Dataset, rows: pa.Table) -> Lists:
    """Groups rows into lists, however the rows are ordered and spread over files.

    Args:
        dataset: says which features are context features.
        rows: canonical rows [N], see `data.rows`.

    Returns:
        Lists in the order of their first rows. A list's time is its earliest row's, and the
        latest one's stands beside it as `__latest`; every other context value is its first row's.
    """
    if keys.LIST_TIME in rows.column_names:
        rows = rows.append_column(LATEST, rows[keys.LIST_TIME])
    batch = one_batch(rows)
    if not pa.types.is_dictionary(batch[FILE].type):
        batch = replace_column(batch, FILE, batch[FILE].dictionary_encode())
    batch = with_bytes(batch)
    of_context = {*keys.LIST_KEYS, LATEST, *(f.name for f in dataset.context_features)}
    names = batch.schema.names
    single = Lists(
        context=select(batch, [name for name in names if name in of_context]),
        items=select(batch, [name for name in names if name not in of_context]),
        row_lengths=np.ones(batch.num_rows, np.int64),
    )
    return _join(single)


def join_parts(parts: Sequence[Lists]) -> Lists:
    """Joins the parts of torn lists, as if all rows had been grouped at once.

    Args:
        parts: at least one; each grouped from a run of rows of one file.

    Returns:
        Whole lists in the order of their first rows.
    """
    return _join(
        Lists(
            context=concatenate([part.context for part in parts]),
            items=concatenate([part.items for part in parts]),
            row_lengths=np.concatenate([part.row_lengths for part in parts]),
            conflicts=_conflicts_of_parts(parts),
        )
    )


def lists_in_conflict(dataset: Dataset, lists: Lists) -> dict[str, np.ndarray]:
    """Lists whose rows disagree where a list has one value.

    The rows of a list may be from different times, but not more than a day apart.

    Args:
        dataset: names the columns.
        lists: whole lists [B].

    Returns:
        By column of the logs, bool [B]; columns on which all lists agree may be left out.
    """
    conflicts = dict(lists.conflicts)
    if LATEST in lists.context.schema.names:
        times, latest = (lists.context[key].to_numpy() for key in (keys.LIST_TIME, LATEST))
        conflicts[keys.LIST_TIME] = latest - times > LONGEST_LIST
    by_column: dict[str, np.ndarray] = {}
    for key, found in conflicts.items():
        column = column_of_context(dataset, key)
        by_column[column] = by_column.get(column, False) | found
    return {column: found for column, found in by_column.items() if found.any()}


def encode(lists: Lists) -> list[bytes]:
    """Serializes each list as a tf.Example.

    Returns:
        B serialized tf.Examples, in the order of the lists.
    """
    context = [name for name in lists.context.schema.names if name != LATEST]
    names = [name for name in lists.items.schema.names if name not in (FILE, ROW, keys.ITEM)]
    ends = np.cumsum(lists.row_lengths)
    # Many items at once for speed, but no more than a small share of any memory.
    cuts = np.unique(ends // _ITEMS_AT_ONCE, return_index=True)[1]
    examples: list[bytes] = []
    for first, after in itertools.pairwise([*cuts.tolist(), len(lists)]):
        part = lists.slice(first, after)
        items = select(part.items, names)
        examples += encode_examples(select(part.context, context), items, part.row_lengths)
    return examples


def _join(parts: Lists) -> Lists:
    """Brings parts with the same list id together, ordered by file and row."""
    firsts = parts.starts
    files = _file_ranks(parts.items[FILE])[firsts]
    by_row = np.lexsort((parts.items[ROW].to_numpy()[firsts], files))
    list_ids = pick(select(parts.context, [keys.LIST_ID]), by_row)[keys.LIST_ID]
    # Codes count lists in the order in which they first occur.
    codes = list_ids.dictionary_encode().indices.to_numpy()
    by_list = np.argsort(codes, kind="stable")
    parts = parts.take(by_row[by_list])
    parts_of_list = np.bincount(codes)
    if parts_of_list.max(initial=1) == 1:
        return parts
    starts = np.cumsum(parts_of_list) - parts_of_list
    return Lists(
        context=_with_times(pick(parts.context, starts), parts.context, starts),
        items=parts.items,
        row_lengths=np.add.reduceat(parts.row_lengths, starts),
        conflicts=_conflicts(parts, starts),
    )


def _file_ranks(files: pa.DictionaryArray) -> np.ndarray:
    """int64 [N]: the place of each row's file in the order of names."""
    order = pc.sort_indices(files.dictionary).to_numpy()
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[files.indices.to_numpy()]


def _with_times(
    context: pa.RecordBatch, parts: pa.RecordBatch, starts: np.ndarray
) -> pa.RecordBatch:
    """Gives lists the earliest and the latest time of their parts."""
    for name, first_or_last in ((keys.LIST_TIME, np.minimum), (LATEST, np.maximum)):
        if name in context.schema.names:
            times = first_or_last.reduceat(parts[name].to_numpy(), starts)
            context = replace_column(context, name, pa.array(times))
    return context


def _conflicts(parts: Lists, starts: np.ndarray) -> dict[str, np.ndarray]:
    """By context key, the lists, bool [B], with parts that disagree, in themselves or in pairs."""
    conflicts = {}
    # Rows of a list may differ in time.
    for name in set(parts.context.schema.names) - {keys.LIST_ID, keys.LIST_TIME, LATEST}:
        changes = np.zeros(len(parts), bool)
        changes[1:] = unequal_neighbours(parts.context[name])
        changes[starts] = False
        changes |= parts.conflicts.get(name, False)
        if changes.any():
            conflicts[name] = np.logical_or.reduceat(changes, starts)
    return conflicts


def _conflicts_of_parts(parts: Sequence[Lists]) -> dict[str, np.ndarray]:
    names = {name for part in parts for name in part.conflicts}
    none = [np.zeros(len(part), bool) for part in parts]
    return {
        name: np.concatenate([p.conflicts.get(name, no) for p, no in zip(parts, none, strict=True)])
        for name in names
    }
