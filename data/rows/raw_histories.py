"""Histories as files hold them, in lists or as text: taken apart into entries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.arrow_lists import entries, is_list, lists_of, places_within, unequal_values
from data.rows.raw import RawColumn

# What stands around a list that was written as text, and around the texts in it.
_BRACKETS, _QUOTES = "[](){}", "'\""
_BLANKS = " \t\r\n"
# One pair around the whole, with pairs side by side in it: `[Size [M], Size [L]]`. The first and
# the last bracket of `(a), (b)` are no pair: they belong to the values.
_ENCLOSED = "|".join(
    rf"^{start}([^{start}{end}]|{start}[^{start}{end}]*{end})*{end}$"
    for start, end in ((r"\[", r"\]"), (r"\(", r"\)"), (r"\{", r"\}"))
)


@dataclass(frozen=True)
class RawHistories:
    """One column of histories.

    Attributes:
        column: name of the column.
        lengths: int64 [N], entries of each row.
        values: all entries [H], row by row; a missing one is null.
        most: float [N], entries that each row may have, where there are others beside: those that
            it has; any number where the file lacks the column; and up to 1 where a text is empty,
            as that of no entry and of one missing value are.
    """

    column: str
    lengths: np.ndarray
    values: pa.Array
    most: np.ndarray

    def aligned(self, lengths: np.ndarray) -> pa.Array:
        """The entries of all rows as if each had so many, int64 [N]: its own, none, or missing."""
        rows = np.repeat(np.arange(len(lengths)), lengths)
        places = (np.cumsum(self.lengths) - self.lengths)[rows] + places_within(lengths)
        missing = (self.lengths == 0)[rows]
        if not missing.any() and len(places) == len(self.values):
            return self.values
        return self.values.take(pa.array(places, mask=missing))


def raw_histories(column: RawColumn, separator: str, is_known: bool) -> RawHistories:
    """Takes a column of histories apart.

    Args:
        column: lists, text with entries between separators (in brackets or not), or single values,
            each of them one entry [N].
        separator: what stands between entries of text.
        is_known: whether the file has the column.

    Returns:
        Its entries.

    Raises:
        InputError: they are records.
    """
    values = column.values
    missing = values.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_string(values.type):
        lengths, flat = entries(_split(values, separator))
        most = np.where(missing, 1, lengths)
    elif is_list(values.type):
        lengths, flat = entries(values)
        most = lengths
        if pa.types.is_struct(flat.type):
            field = f"`column: {column.name}.{flat.type[0].name}`" if flat.type.num_fields else ""
            raise column.wrong_type(f"values, or a field of records such as {field}")
    else:
        lengths, flat = np.where(missing, 0, 1), values.drop_null()
        most = lengths
    most = most.astype(float) if is_known else np.full(len(values), np.inf)
    return RawHistories(column.name, lengths, flat, most)


def first_of_equal(columns: Sequence[pa.Array], rows: int) -> np.ndarray:
    """Which rows are not equal to the row above them, bool [N]; the first one is not."""
    first = np.zeros(rows, bool)
    first[:1] = True
    above, below = np.arange(rows - 1), np.arange(1, rows)
    for values in columns:
        left = np.flatnonzero(~first[1:])
        first[1:][left] = unequal_values(values, above[left], below[left])
    return first


def _split(texts: pa.Array, separator: str) -> pa.Array:
    texts = pc.utf8_trim(texts, characters=_BLANKS)
    enclosed = pc.fill_null(pc.match_substring_regex(texts, _ENCLOSED), False)
    some_are = pc.any(enclosed).as_py()
    if some_are:
        texts = pc.if_else(enclosed, pc.utf8_slice_codeunits(texts, 1, -1), texts)
    # `[]` is no entry; between separators, nothing is an entry whose value is missing.
    empty = pc.equal(pc.utf8_trim(texts, characters=_BRACKETS + _BLANKS), "")
    texts = pc.if_else(empty, pa.scalar(None, pa.string()), texts)
    lengths, flat = entries(pc.split_pattern(texts, separator))
    flat = pc.utf8_trim(flat, characters=_BLANKS)
    if some_are:
        within = np.repeat(enclosed.to_numpy(zero_copy_only=False), lengths)
        flat = pc.if_else(pa.array(within), pc.utf8_trim(flat, characters=_QUOTES), flat)
    return lists_of(lengths, flat)
