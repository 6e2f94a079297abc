"""Listings like another one that were bought, for the style of their descriptions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from data.listings.listings import ListingColumns, Listings, joined, listings_of
from data.listings.taxonomy import Taxonomy
from models.attributes.search import ValueSearch

_NOT_BOUGHT = ("", "0", "false", "no", "none", "nan")


@dataclass(frozen=True)
class SimilarListings:
    """Listings with descriptions, searched by the encoder of attribute values.

    Attributes:
        search: encodes listings.
        listings: those that are searched.
        count: how many are found for one.
    """

    search: ValueSearch
    listings: Listings
    count: int = 3

    @cached_property
    def _vectors(self) -> np.ndarray:
        return self.search.vectors(_without_descriptions(self.listings))

    def descriptions(self, listings: Listings) -> list[list[str]]:
        """Descriptions of the nearest listings of the same category, the nearest first.

        Titles alone are compared: what is to be written is not there yet. A listing of the same
        title and description is the listing itself.

        Args:
            listings: N listings.

        Returns:
            For each, up to `count` descriptions.
        """
        found: list[list[str]] = [[] for _ in range(len(listings))]
        vectors = self.search.vectors(_without_descriptions(listings))
        there = np.array(self.listings.categories, object)
        here = np.array(listings.categories, object)
        for category in dict.fromkeys(name for name in here if name):
            rows, pool = np.flatnonzero(here == category), np.flatnonzero(there == category)
            near = np.argsort(-(vectors[rows] @ self._vectors[pool].T), axis=1)
            for row, order in zip(rows.tolist(), near[:, : self.count + 1], strict=True):
                others = [at for at in pool[order].tolist() if not self._same(at, listings, row)]
                found[row] = [self.listings.descriptions[at] or "" for at in others[: self.count]]
        return found

    def _same(self, at: int, listings: Listings, row: int) -> bool:
        return (self.listings.titles[at], self.listings.descriptions[at]) == (
            listings.titles[row],
            listings.descriptions[row],
        )


def described_listings(
    batches: Iterable[pa.Table],
    columns: ListingColumns,
    taxonomy: Taxonomy,
    bought: str | None,
    most: int = 20_000,
) -> Listings | None:
    """The listings that have a description, and were bought.

    Args:
        batches: listings.
        columns: what their columns mean.
        taxonomy: the attributes.
        bought: a column that says whether, or how often, each was bought; None takes all.
        most: how many are held; of more, every second, fourth, ... one.

    Returns:
        The listings; None where there are none.
    """
    kept: list[Listings] = []
    step, seen = 1, 0
    for table in batches:
        listings = listings_of(table, columns, taxonomy.attributes)
        described = np.array([bool((one or "").strip()) for one in listings.descriptions], bool)
        rows = np.flatnonzero(described & _bought(table, bought))
        number = seen + np.arange(len(rows))
        seen += len(rows)
        kept.append(listings.take(rows[number % step == 0]))
        while sum(map(len, kept)) > most:
            whole = joined(kept)
            kept = [whole.take(np.arange(0, len(whole), 2))]
            step *= 2
    return joined(kept) if any(map(len, kept)) else None


def _bought(table: pa.Table, column: str | None) -> np.ndarray:
    if column is None:
        return np.ones(table.num_rows, bool)
    said: Sequence[object] = table[column].to_pylist()
    words = [str(value).strip().casefold() if value is not None else "" for value in said]
    return np.array([word not in _NOT_BOUGHT and word.strip("0.") != "" for word in words], bool)


def _without_descriptions(listings: Listings) -> Listings:
    nothing: list[str | None] = [None] * len(listings)
    return Listings(listings.categories, listings.titles, nothing)
