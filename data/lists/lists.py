"""Canonical rows -> whole lists, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.roles import CONTEXT_KEYS, column_of_context
from data.lists.batches import (
    concatenate,
    one_batch,
    pick,
    replace_column,
    select,
    unequal_neighbours,
    with_bytes,
)
from data.rows.schema import FILE, LATE_ITEMS, ROW

# The time of a list's latest row, beside the list's time.
LATEST = "__latest"
# Seconds that the rows of one list may lie apart.
MOST_SECONDS_APART = 86_400


@dataclass(frozen=True)
class Lists:
    """Lists as flat columns.

    Attributes:
        context: one row a list [B]: the context keys, and histories with their `LATE_ITEMS`; texts
            are bytes.
        items: one row an item [N]: the item keys, `__file` (dictionary) and `__row`, and `__item`
            where the dataset says what identifies an item; the items of a list lie together, in
            the order of files and rows.
        row_lengths: int64 [B], items of each list.
        conflicts: by context key, bool [B]: the lists whose rows disagree on it; keys on which
            all lists agree may be left out.
    """

    context: pa.RecordBatch
    items: pa.RecordBatch
    row_lengths: np.ndarray
    conflicts: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row_lengths)

    @property
    def starts(self) -> np.ndarray:
        """int64 [B], the first item of each list."""
        return np.cumsum(self.row_lengths) - self.row_lengths

    @property
    def list_of_item(self) -> np.ndarray:
        """int64 [N], the list of each item."""
        return np.repeat(np.arange(len(self)), self.row_lengths)

    def take(self, places: np.ndarray) -> "Lists":
        """The lists at some places, int64 [M], in that order."""
        row_lengths = self.row_lengths[places]
        ends = np.cumsum(row_lengths)
        shifts = np.repeat(self.starts[places] - (ends - row_lengths), row_lengths)
        return Lists(
            context=pick(self.context, places),
            items=pick(self.items, np.arange(len(shifts)) + shifts),
            row_lengths=row_lengths,
            conflicts={key: lists[places] for key, lists in self.conflicts.items()},
        )

    def slice(self, first: int, after: int) -> "Lists":
        """The lists from one place up to another, without a copy."""
        start, end = (int(self.row_lengths[:place].sum()) for place in (first, after))
        return Lists(
            context=self.context.slice(first, after - first),
            items=self.items.slice(start, end - start),
            row_lengths=self.row_lengths[first:after],
            conflicts={key: lists[first:after] for key, lists in self.conflicts.items()},
        )

    def with_items(self, kept: np.ndarray) -> "Lists":
        """The lists with only the items that a mask, bool [N], keeps."""
        row_lengths = np.bincount(self.list_of_item[kept], minlength=len(self))
        items = pick(self.items, np.flatnonzero(kept))
        return replace(self, items=items, row_lengths=row_lengths)


def group_rows(dataset: Dataset, rows: pa.Table) -> Lists:
    """Groups rows into lists, however the rows are ordered and spread over files.

    Args:
        dataset: says which features lists have as a whole.
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
    own = [feature.name for feature in dataset.features if feature.belongs_to.part == "context"]
    of_context = {*CONTEXT_KEYS, LATEST, LATE_ITEMS, *own}
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
    if dataset.history is not None and dataset.history.at is not None:
        # Ages are counted from times, in which the rows of a list may differ.
        conflicts.pop(str(dataset.history.age), None)
    if LATEST in lists.context.schema.names:
        times, latest = (lists.context[key].to_numpy() for key in (keys.LIST_TIME, LATEST))
        conflicts[keys.LIST_TIME] = latest - times > MOST_SECONDS_APART
    by_column: dict[str, np.ndarray] = {}
    for key, found in conflicts.items():
        column = column_of_context(dataset, key)
        by_column[column] = by_column.get(column, False) | found
    return {column: found for column, found in by_column.items() if found.any()}


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
    # Rows of a list may differ in time; late items follow from the history.
    of_no_interest = {keys.LIST_ID, keys.LIST_TIME, LATEST, LATE_ITEMS}
    for name in set(parts.context.schema.names) - of_no_interest:
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
