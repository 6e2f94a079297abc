"""Which columns hold past actions: lists, or texts with a separator, all equally long."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data.inspection import roles

SEPARATORS = ("|", ";")
# Share of the rows in which parallel lists have as many entries.
_MOSTLY = 0.99
# Share of unequal ones up to which another column seems meant to be parallel.
_NEARLY = 0.5


@dataclass(frozen=True)
class Histories:
    """Columns of lists that are equally long.

    Attributes:
        columns: by column of the logs, the entries of each row [N] as lists.
        separator: what stands between them where they are text; None where they are lists.
        unequal: share of the histories in which a column that looks like theirs has another number
            of entries.
    """

    columns: dict[str, pd.Series] = field(default_factory=dict)
    separator: str | None = None
    unequal: dict[str, float] = field(default_factory=dict)

    def of_lists(self, sample: pd.DataFrame, list_id: str, taken: set[str]) -> "Histories":
        """Those of the columns that have one value a list, and no role."""

        def fits(name: str) -> bool:
            return name not in taken and roles.constant_within(sample, sample[list_id], name)

        columns = {name: values for name, values in self.columns.items() if fits(name)}
        unequal = {name: share for name, share in self.unequal.items() if columns and fits(name)}
        return Histories(columns, self.separator, unequal)

    def entries(self, column: str, rows: pd.Series) -> pd.Series:
        """The entries of some rows, bool [N], one under the other; nested ones stay whole."""
        values = self.columns[column][rows].explode()
        empty = values.map(lambda one: isinstance(one, str) and not one).astype(bool)
        return values[values.notna() & ~empty].infer_objects()


def find_histories(sample: pd.DataFrame) -> Histories:
    """Finds columns of lists of differing lengths that have as many entries as each other.

    Args:
        sample: the first rows of the logs.

    Returns:
        The largest group of such columns; none of them where there are none.
    """
    nested = {
        str(name): _as_lists(sample[name]) for name in sample if roles.is_nested(sample[name])
    }
    found = [_largest_group(nested)]
    for separator in SEPARATORS:
        texts = {
            str(name): _split(sample[name], separator)
            for name in sample
            if sample[name].dtype == object and _has(sample[name], separator)
        }
        group = _largest_group(texts, separator)
        # One column of texts with semicolons may as well be of sentences.
        if separator == SEPARATORS[0] or len(group.columns) > 1:
            found.append(group)
    return max(found, key=lambda one: len(one.columns))


def _largest_group(columns: dict[str, pd.Series], separator: str | None = None) -> Histories:
    """Of columns of lists, the largest group whose lengths are the same, and differ by row.

    Columns with as many entries in half of the rows or more, but not in nearly all, are `unequal`.
    """
    lengths = {name: values.map(len).to_numpy() for name, values in columns.items()}
    varying = {name: found for name, found in lengths.items() if len(np.unique(found)) > 1}
    best: list[str] = []
    for found in varying.values():
        group = [name for name, other in varying.items() if _unequal(found, other) <= 1 - _MOSTLY]
        if len(group) > len(best) and not _may_be_vectors(columns, group, separator):
            best = group
    unequal = {}
    if best:
        others = [name for name in varying if name not in best]
        shares = {name: _unequal(varying[best[0]], varying[name]) for name in others}
        unequal = {name: share for name, share in shares.items() if share <= _NEARLY}
    return Histories({name: columns[name] for name in best}, separator, unequal)


def _unequal(first: np.ndarray, second: np.ndarray) -> float:
    """The share of rows with lists of other lengths, of those with more than one entry in one."""
    longest = np.maximum(first, second)
    some = longest > 1
    different = np.maximum(first, 1) != np.maximum(second, 1)
    return float(different[some].mean()) if some.any() else 0.0


def _may_be_vectors(
    columns: dict[str, pd.Series], group: Sequence[str], separator: str | None
) -> bool:
    """Whether texts are all of as many parts, as vectors are, and paths of categories."""
    if separator is None:
        return False
    lengths = columns[group[0]].map(len)
    if lengths[lengths > 0].nunique() > 1:
        return False
    entries = (columns[name].explode().dropna() for name in group)
    return len(group) == 1 or all(pd.api.types.is_numeric_dtype(numbers(one)) for one in entries)


def _as_lists(values: pd.Series) -> pd.Series:
    return values.map(lambda one: list(one) if isinstance(one, np.ndarray | list) else [])


def _has(values: pd.Series, separator: str) -> bool:
    """Whether a column is of texts with a separator."""
    texts = values.dropna()
    if texts.empty or not texts.map(lambda one: isinstance(one, str)).all():
        return False
    return bool(texts.str.contains(separator, regex=False).any())


def _split(values: pd.Series, separator: str) -> pd.Series:
    return values.map(lambda one: one.split(separator) if isinstance(one, str) and one else [])


def numbers(entries: pd.Series) -> pd.Series:
    """Texts as numbers where all of them are."""
    found = pd.to_numeric(entries, errors="coerce")
    return entries if found.isna().any() else found
