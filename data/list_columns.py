"""Lists as columns, before they are tf.Examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from data.batches import pick


@dataclass(frozen=True)
class Lists:
    """Lists as flat columns.

    Attributes:
        context: one row a list [B]: the context keys; texts are bytes.
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
