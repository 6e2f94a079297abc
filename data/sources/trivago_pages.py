"""The pages of clickouts in the sessions of trivago, as numbers."""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.sources.trivago_history import Events, Integers, moments, pick


class Sessions:
    """Steps as numbers.

    Args:
        steps: the rows [S].
    """

    def __init__(self, steps: pa.Table) -> None:
        self.columns = {name: one_array(steps[name]) for name in steps.column_names}
        self.time = self.columns["timestamp"].to_numpy()
        self.session, self.sessions = _codes(self.columns["session_id"])
        self.moment = moments(self.session, self.columns["step"].to_numpy())
        self.span = len(self.moment) + 1

    def rows(self, action: str) -> Integers:
        """Rows of an action, in the order of the file."""
        return np.flatnonzero(as_mask(pc.equal(self.columns["action_type"], action)))

    def events(self, rows: Integers) -> Events:
        """The steps at some rows, by session."""
        return Events.of(self.session[rows], self.moment[rows], self.span)

    @cached_property
    def first(self) -> Integers:
        """Row of each session's first step."""
        rows = np.lexsort((self.moment, self.session))
        return rows[np.unique(self.session[rows], return_index=True)[1]]


class Pages:
    """The pages of C clickouts, with N hotels.

    Args:
        sessions: the steps.
        row: row of each clickout, int64 [C].
    """

    def __init__(self, sessions: Sessions, row: Integers) -> None:
        self.sessions, self.row = sessions, row
        self.session, self.moment = sessions.session[row], sessions.moment[row]
        self.time = sessions.time[row]
        shown = pc.split_pattern(sessions.columns["impressions"].take(pa.array(row)), "|")
        lengths = np.asarray(pc.list_value_length(shown), np.int64)
        self.list_of_hotel = np.repeat(np.arange(len(row)), lengths)
        self.position = np.arange(len(self.list_of_hotel)) + 1
        self.position -= np.repeat(np.cumsum(lengths) - lengths, lengths)
        self.hotel_id = shown.flatten()
        prices = pc.split_pattern(sessions.columns["prices"].take(pa.array(row)), "|")
        self.price = _prices(prices.flatten())
        references = sessions.columns["reference"]
        codes, self.hotels = _codes(pa.concat_arrays([self.hotel_id, references]))
        # Numbers of the hotels shown, int64 [N], and of what each step refers to, int64 [S].
        self.hotel, self.reference = codes[: len(self.hotel_id)], codes[len(self.hotel_id) :]

    @cached_property
    def page_before(self) -> Integers:
        """The page of the session's clickout before, int64 [C], -1 where there is none."""
        return self.sessions.events(self.row).last(self.session, self.moment)

    def position_on(self, page: Integers, hotel: Integers) -> np.ndarray:
        """Where hotels stood on pages, float [M], NaN where they did not.

        Args:
            page: pages, int64 [M]; -1 for none.
            hotel: numbers of hotels, int64 [M].
        """
        return pick(self.position, self.place_on(page, hotel), np.nan)

    def place_on(self, page: Integers, hotel: Integers) -> Integers:
        """Places of hotels on pages among the N, int64 [M], -1 where they did not stand there.

        Args:
            page: pages, int64 [M]; -1 for none.
            hotel: numbers of hotels, int64 [M].
        """
        shown, order = self._shown
        if not len(shown):
            return np.full(len(page), -1, np.int64)
        wanted = page * self.hotels + hotel
        places = np.searchsorted(shown, wanted, sorter=order)
        places = order[np.minimum(places, len(order) - 1)]
        there = (page >= 0) & (hotel >= 0) & (shown[places] == wanted)
        return np.where(there, places, -1)

    @cached_property
    def _shown(self) -> tuple[Integers, Integers]:
        """Page and hotel of each of the N as one number, and their order."""
        shown = self.list_of_hotel * self.hotels + self.hotel
        return shown, np.argsort(shown, kind="stable")


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def as_mask(flags: pa.Array) -> np.ndarray:
    """Flags as bool; null is False."""
    return pc.fill_null(flags, False).to_numpy(zero_copy_only=False)


def _codes(values: pa.Array) -> tuple[Integers, int]:
    """A number for each text, -1 for null, and how many there are."""
    encoded = values.dictionary_encode()
    return pc.fill_null(encoded.indices, -1).to_numpy().astype(np.int64), len(encoded.dictionary)


def _prices(texts: pa.Array) -> np.ndarray:
    """Prices above 0, float [N]; NaN for anything else."""
    numbers = pc.match_substring_regex(texts, r"^\d+(\.\d+)?$")
    found = pc.if_else(numbers, texts, None).cast(pa.float64())
    prices = pc.fill_null(found, np.nan).to_numpy()
    return np.where(prices > 0, prices, np.nan)


def places_to_take(places: Integers) -> pa.Array:
    """Places to take; null where -1."""
    return pa.array(places, mask=places < 0)
