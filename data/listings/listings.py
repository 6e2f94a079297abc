"""Listings as they are sold: category, title, description, and the attributes that are stated."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import InputError
from data.similar_names import did_you_mean


@dataclass(frozen=True)
class ListingColumns:
    """What columns of listings mean.

    Attributes:
        category: the category, by which the taxonomy has attributes.
        title: the title.
        description: the description; it need not be there.
        absent: what an attribute says that a listing is known not to have, in any case.
    """

    category: str = "category"
    title: str = "title"
    description: str = "description"
    absent: Sequence[str] = ("n/a",)

    def check(self, columns: Sequence[str], path: str) -> None:
        """Refuses listings without category or title.

        Raises:
            InputError: names the column and columns of similar names.
        """
        for role, name in (("category", self.category), ("title", self.title)):
            if name not in columns:
                raise InputError(
                    f"{path}: expected a column {name!r} with the {role}, found none"
                    f"{did_you_mean(name, columns)}"
                )


@dataclass(frozen=True)
class Stated:
    """What N listings state of one attribute.

    Attributes:
        listings: int64 [K], the listing of each value; one with several values has several.
        values: the K values.
        absent: bool [N], whether the listing is known not to have the attribute.
        empty: bool [N], whether nothing is stated.
    """

    listings: np.ndarray
    values: list[str]
    absent: np.ndarray
    empty: np.ndarray

    def repeat(self, count: np.ndarray, start: np.ndarray) -> "Stated":
        """What listings state where each is there so many times.

        Args:
            count: int64 [N], how often.
            start: int64 [N], the place of the first of each.
        """
        times = count[self.listings]
        entry = np.repeat(np.arange(len(times)), times)
        offset = np.arange(len(entry)) - np.repeat(np.cumsum(times) - times, times)
        values = [self.values[at] for at in entry]
        of = np.repeat(np.arange(len(count)), count)
        places = start[self.listings[entry]] + offset
        return Stated(places, values, self.absent[of], self.empty[of])

    def take(self, rows: np.ndarray, place: np.ndarray) -> "Stated":
        """What some listings state.

        Args:
            rows: int64, which.
            place: int64 [N], the new place of each; -1 for the others.
        """
        kept = np.flatnonzero(place[self.listings] >= 0)
        values = [self.values[at] for at in kept]
        return Stated(place[self.listings[kept]], values, self.absent[rows], self.empty[rows])


@dataclass(frozen=True)
class Listings:
    """N listings.

    Attributes:
        categories: the category of each, None where there is none.
        titles: the title of each.
        descriptions: the description of each.
        stated: by attribute, what they state.
    """

    categories: list[str | None]
    titles: list[str | None]
    descriptions: list[str | None]
    stated: dict[str, Stated] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.categories)

    def repeat(self, rows: Sequence[int]) -> "Listings":
        """Some of them, as often as they are named, without their descriptions.

        Args:
            rows: which, ascending.
        """
        count = np.bincount(np.array(rows, np.int64), minlength=len(self))
        start = np.cumsum(count) - count
        stated = {name: one.repeat(count, start) for name, one in self.stated.items()}
        names = [self.categories[row] for row in rows]
        return Listings(names, [self.titles[row] for row in rows], [None] * len(rows), stated)

    def take(self, rows: np.ndarray) -> "Listings":
        """Some of them.

        Args:
            rows: int64, which, each once.
        """
        place = np.full(len(self), -1)
        place[rows] = np.arange(len(rows))
        return Listings(
            [self.categories[row] for row in rows],
            [self.titles[row] for row in rows],
            [self.descriptions[row] for row in rows],
            {name: stated.take(rows, place) for name, stated in self.stated.items()},
        )


def joined(parts: Sequence[Listings]) -> Listings:
    """Listings one after the other.

    Args:
        parts: one or more, of the same attributes.
    """
    starts = np.cumsum([0, *map(len, parts)])
    stated = {}
    for name in parts[0].stated:
        ones = [part.stated[name] for part in parts]
        stated[name] = Stated(
            np.concatenate([one.listings + at for one, at in zip(ones, starts, strict=False)]),
            [value for one in ones for value in one.values],
            np.concatenate([one.absent for one in ones]),
            np.concatenate([one.empty for one in ones]),
        )
    return Listings(
        [name for part in parts for name in part.categories],
        [text for part in parts for text in part.titles],
        [text for part in parts for text in part.descriptions],
        stated,
    )


def listings_of(table: pa.Table, columns: ListingColumns, attributes: Sequence[str]) -> Listings:
    """Takes listings from a table.

    Args:
        table: the rows; an attribute is a column of its name, of texts, numbers or lists of them,
            and need not be there.
        columns: what the other columns mean.
        attributes: names of the attributes.

    Returns:
        The listings.

    Raises:
        InputError: a column holds what has no text.
    """
    description = columns.description
    return Listings(
        categories=_texts(table, columns.category),
        titles=_texts(table, columns.title),
        descriptions=_texts(table, description)
        if description in table.column_names
        else [None] * table.num_rows,
        stated={name: _stated(table, name, columns.absent) for name in attributes},
    )


def as_texts(values: pa.ChunkedArray, name: str) -> pa.Array:
    """A column of texts, of numbers as texts, or of lists of them.

    Args:
        values: the column.
        name: its name, for the message.

    Returns:
        String [N] or list of strings [N].

    Raises:
        InputError: the column holds what has no text.
    """
    array = values.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    nested = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if kind in (pa.float32(), pa.float64()):
        # Tables without nulls say so where they have no number.
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, kind), array)
    elif pa.types.is_decimal(kind):
        found = array.to_pylist()
        array = pa.array([None if one is None else f"{one:f}" for one in found], pa.string())
    try:
        return array.cast(pa.list_(pa.string()) if nested else pa.string())
    except pa.ArrowException as error:
        raise InputError(f"column {name!r}: expected texts, found {kind}") from error


def _texts(table: pa.Table, name: str) -> list[str | None]:
    texts = as_texts(table[name], name)
    if pa.types.is_list(texts.type):
        raise InputError(f"column {name!r}: expected texts, found lists")
    return texts.to_pylist()


def _stated(table: pa.Table, name: str, absent: Sequence[str]) -> Stated:
    count = table.num_rows
    if name not in table.column_names:
        none = np.zeros(count, bool)
        return Stated(np.zeros(0, np.int64), [], none, ~none)
    texts = as_texts(table[name], name)
    listing = np.arange(count)
    if pa.types.is_list(texts.type):
        lengths = pc.fill_null(pc.list_value_length(texts), 0).to_numpy(zero_copy_only=False)
        listing, texts = np.repeat(listing, lengths), texts.flatten()
    texts = pc.utf8_trim_whitespace(texts)
    said = pc.fill_null(pc.greater(pc.utf8_length(texts), 0), False)
    said = said.to_numpy(zero_copy_only=False)
    listing, texts = listing[said], texts.filter(pa.array(said))
    words = pa.array([word.casefold() for word in absent], pa.string())
    none = pc.is_in(pc.utf8_lower(texts), value_set=words).to_numpy(zero_copy_only=False)
    known_absent, empty = np.zeros(count, bool), np.ones(count, bool)
    known_absent[listing[none]] = True
    empty[listing] = False
    known_absent[listing[~none]] = False
    return Stated(listing[~none], texts.filter(pa.array(~none)).to_pylist(), known_absent, empty)
