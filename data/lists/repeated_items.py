"""Items that occur more than once in a list, as when logs were written or read twice."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.batches import replace_column
from data.lists.lists import Lists
from data.rows.schema import FILE, ROW

# An odd number whose multiples spread over all 64 bits.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_NUMBERS_AT_ONCE = 4
# An action was done at its first time, and taken back at its last.
_MOMENTS: dict[str, np.ufunc] = {"at": np.fmin, "undone_by": np.fmax}
_NAN_BITS = np.float32(np.nan).view(np.uint32)


@dataclass(frozen=True)
class Repeats:
    """Counts of rows that repeat an item or equal another row.

    Attributes:
        lists: lists with such rows.
        of: lists of two rows or more, which are those that could have some.
        merged: rows that repeat an item and were merged with its first row.
        equal: rows that equal an earlier row of their list in all columns, and were kept: without
            `item`, nothing says that they are the same item.
    """

    lists: int
    of: int
    merged: int
    equal: int


def merge_repeated(dataset: Dataset, lists: Lists) -> tuple[Lists, Repeats]:
    """Keeps one entry an item in each list, where `item` names what identifies one.

    The first row of an item stays. Each of its labels is the largest of all its rows, so the
    strongest action is kept, wherever it was logged; with its first time, and the last one at which
    it was taken back.

    Args:
        dataset: says whether items can be told apart.
        lists: whole lists.

    Returns:
        The lists, and what was found; without `item`, the lists as they are.
    """
    several = int((lists.row_lengths > 1).sum())
    if not dataset.item:
        later = equal_rows(lists)
        in_lists = len(np.unique(lists.list_of_item[later]))
        return lists, Repeats(in_lists, several, merged=0, equal=int(later.sum()))
    firsts = first_rows(lists)
    later = firsts != np.arange(len(firsts))
    if not later.any():
        return lists, Repeats(0, several, merged=0, equal=0)
    in_lists = len(np.unique(lists.list_of_item[later]))
    labels = [keys.label(task.name) for task in dataset.tasks]
    items = _merged(labels, np.fmax, lists.items, firsts, later)
    for field, kept in _MOMENTS.items():
        names = [keys.moment(t.name, f) for t, f, _ in dataset.action_times() if f == field]
        items = _merged(names, kept, items, firsts, later)
    merged = replace(lists, items=items).with_items(~later)
    return merged, Repeats(in_lists, several, merged=int(later.sum()), equal=0)


def first_rows(lists: Lists) -> np.ndarray:
    """The first row of each row's item in its list, int64 [N]; its own place for most rows.

    Rows without an item's id, and all rows of lists without the column, stand for themselves.
    """
    firsts = np.arange(lists.items.num_rows)
    if keys.ITEM not in lists.items.schema.names:
        return firsts
    items = lists.items[keys.ITEM].to_numpy()
    known = np.flatnonzero(items)
    codes = items[known] ^ _of_list(lists)[known]
    repeated = pd.Series(codes).duplicated(keep=False).to_numpy()
    known = known[repeated]
    _, first, inverse = np.unique(codes[repeated], return_index=True, return_inverse=True)
    firsts[known] = known[first[inverse]]
    return firsts


def items_once(lists: Lists) -> Lists:
    """The lists with only the first row of each item."""
    firsts = first_rows(lists)
    return lists.with_items(firsts == np.arange(len(firsts)))


def equal_rows(lists: Lists) -> np.ndarray:
    """Whether each row equals an earlier one of its list in all columns of items, bool [N]."""
    names = [name for name in lists.items.schema.names if name not in (FILE, ROW, keys.ITEM)]
    columns = [lists.items[name] for name in names]
    codes = _of_list(lists)
    rows = np.arange(len(codes))
    # Numbers tell most rows apart, and cost least; text is looked at for the rows that are left.
    for place, column in enumerate(sorted(columns, key=_cost), 1):
        codes = _mixed(codes, _codes(column if len(rows) == len(column) else column.take(rows)))
        if _cost(column) or place % _NUMBERS_AT_ONCE == 0:
            alike = pd.Series(codes).duplicated(keep=False).to_numpy()
            rows, codes = rows[alike], codes[alike]
    later = np.zeros(lists.items.num_rows, bool)
    later[rows[pd.Series(codes).duplicated().to_numpy()]] = True
    return later


def _merged(
    names: list[str],
    kept: np.ufunc,
    items: pa.RecordBatch,
    firsts: np.ndarray,
    later: np.ndarray,
) -> pa.RecordBatch:
    """The items with what is kept of all rows of an item in its first row; NaN is none."""
    for name in names:
        values = items[name].to_numpy().copy()
        kept.at(values, firsts[later], values[later])
        items = replace_column(items, name, pa.array(values))
    return items


def _of_list(lists: Lists) -> np.ndarray:
    """A code of each row's list, uint64 [N]."""
    return np.repeat(np.arange(1, len(lists) + 1, dtype=np.uint64) * _SPREAD, lists.row_lengths)


def _cost(column: pa.Array) -> int:
    """0 for numbers, 1 for what is slower to compare."""
    return 0 if pa.types.is_primitive(column.type) else 1


def _codes(column: pa.Array) -> np.ndarray:
    """A code of each value, uint64 [N]; equal values have equal codes, two NaNs as well."""
    if pa.types.is_fixed_size_list(column.type):
        vectors = column.flatten().to_numpy().reshape(len(column), column.type.list_size)
        codes = np.zeros(len(column), np.uint64)
        for numbers in vectors.T:
            codes = _mixed(codes, _bits(numbers))
        return codes
    if pa.types.is_float64(column.type):
        return (column.to_numpy() + 0.0).view(np.uint64)
    if pa.types.is_floating(column.type):
        return _bits(column.to_numpy())
    if pa.types.is_integer(column.type):
        return column.to_numpy().astype(np.uint64)
    return column.dictionary_encode().indices.to_numpy().astype(np.uint64)


def _bits(numbers: np.ndarray) -> np.ndarray:
    # Adding 0 makes one of the two zeros.
    bits = (numbers + np.float32(0)).view(np.uint32).astype(np.uint64)
    bits[np.isnan(numbers)] = _NAN_BITS
    return bits


def _mixed(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    codes = (codes ^ values) * _SPREAD
    return codes ^ (codes >> _HALF)
