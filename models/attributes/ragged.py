"""Rows of unequal length, flat."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ragged:
    """Entries of rows, row by row.

    Attributes:
        starts: int64 [N + 1], where each row starts; the last is the number of entries.
        ids: int [K] or [K, F], what each entry is.
        weights: float32 [K].
    """

    starts: np.ndarray
    ids: np.ndarray
    weights: np.ndarray

    @classmethod
    def sorted(
        cls, rows: np.ndarray, ids: np.ndarray, weights: np.ndarray, count: int | None = None
    ) -> "Ragged":
        """Puts entries in the order of their rows.

        Args:
            rows: int64 [K], the row of each entry.
            ids: what each entry is.
            weights: its weight.
            count: number of rows; by default up to the last that has an entry.
        """
        order = np.argsort(rows, kind="stable")
        count = int(rows.max(initial=-1)) + 1 if count is None else count
        starts = np.searchsorted(rows[order], np.arange(count + 1))
        return cls(starts, ids[order], weights[order])

    def take(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The entries of some rows.

        Args:
            rows: int64 [R].

        Returns:
            Places of the entries, and which of the R rows each belongs to.
        """
        lengths = self.starts[rows + 1] - self.starts[rows]
        before = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) + np.repeat(self.starts[rows] - before, lengths)
        return places, np.repeat(np.arange(len(rows)), lengths)
