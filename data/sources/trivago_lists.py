"""Steps of trivago sessions -> one row for each hotel that a clickout's page showed."""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.sources.trivago_history import Events, Integers, moments, pick

CLICKOUT = "clickout item"
# Columns of what a session did with a hotel before, by the action.
HOTEL_ACTIONS = {
    "interaction item image": "images_seen",
    "interaction item info": "infos_seen",
    "interaction item rating": "ratings_seen",
    "interaction item deals": "deals_seen",
    "search for item": "searches_for_it",
    CLICKOUT: "clicks_before",
}
_SORTING = "change of sort order"
# The button alone, before an order was chosen.
_BUTTON = "interaction sort button"
_SORT_FILTER = r"(?i)(?P<order>sort by \w+|focus on \w+|best value)"
_PAGE_COLUMNS = (
    *("user_id", "session_id", "step", "timestamp", "platform", "device", "city"),
    "current_filters",
)
CONTEXT_COLUMNS = (
    *_PAGE_COLUMNS,
    "destination",
    "filters",
    "sort_filter",
    "sort_order",
    "last_action",
    "steps_before",
    "clickouts_before",
    "click_position_before",
    "seconds_in_session",
    "seconds_since_step",
)
HOTEL_COLUMNS = (
    "item_id",
    "position",
    "price",
    "price_to_last",
    *HOTEL_ACTIONS.values(),
    "interactions",
    "seconds_since_interaction",
    "is_last",
    "position_before",
    "below_click_before",
    "clickout",
)
COLUMNS = (*CONTEXT_COLUMNS, *HOTEL_COLUMNS)


def shown_hotels(steps: pa.Table, shows: np.ndarray) -> tuple[np.ndarray, pa.Table]:
    """Makes one row of each hotel on the page of each clickout.

    Nothing but the steps before the clickout, and the page itself (hotels and their order, prices,
    filters, city, country platform, device), enters a column other than the label `clickout`.
    Steps with the same number are not before each other.

    Args:
        steps: whole sessions, one step a row [S]: the challenge's columns, as texts, `timestamp`
            and `step` as int64; missing texts are null.
        shows: bool [S], the clickouts to make lists of: their `impressions` and `prices` have
            equal lengths.

    Returns:
        int64 [N], the row of each hotel's clickout in `steps`; and the rows [N] with `COLUMNS`:
        `position` counts from 1; `steps_before`, `clickouts_before` and the columns of
        `HOTEL_ACTIONS` are counts, `interactions` the sum of the latter. `is_last` says whether
        the session dealt with this hotel last, `price_to_last` divides by that hotel's price on
        this page. `position_before` is where the hotel stood on the page of the session's clickout
        before, `click_position_before` where the hotel clicked there stood, `below_click_before`
        their difference. What has nothing before it is missing.
    """
    pages = _Pages(_Sessions(steps), np.flatnonzero(shows))
    columns = {**_context(pages), **_hotels(pages), **_interactions(pages)}
    of_context = pa.array(pages.list_of_hotel)
    table = {
        name: columns[name].take(of_context) if name in CONTEXT_COLUMNS else columns[name]
        for name in COLUMNS
    }
    return pages.row[pages.list_of_hotel], pa.table(table)


class _Sessions:
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


class _Pages:
    """The pages of C clickouts, with N hotels.

    Args:
        sessions: the steps.
        row: row of each clickout, int64 [C].
    """

    def __init__(self, sessions: _Sessions, row: Integers) -> None:
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
        shown = self.list_of_hotel * self.hotels + self.hotel
        if not len(shown):
            return np.full(len(page), np.nan)
        wanted = page * self.hotels + hotel
        order = np.argsort(shown, kind="stable")
        places = np.searchsorted(shown, wanted, sorter=order)
        places = order[np.minimum(places, len(order) - 1)]
        there = (page >= 0) & (hotel >= 0) & (shown[places] == wanted)
        return np.where(there, self.position[places], np.nan)


def _context(pages: _Pages) -> dict[str, pa.Array]:
    """What a page has one value of, [C]."""
    sessions = pages.sessions
    columns = {name: sessions.columns[name].take(pa.array(pages.row)) for name in _PAGE_COLUMNS}
    filters = pc.fill_null(columns["current_filters"], "")
    number = pc.add(pc.count_substring(filters, "|"), 1)
    steps = sessions.events(np.arange(len(sessions.moment)))
    before = steps.last(pages.session, pages.moment)
    since = pages.time - pick(sessions.time.astype(np.float64), before, np.nan)
    clicked = pages.reference[pick(pages.row, pages.page_before, 0)]
    clickouts = sessions.events(sessions.rows(CLICKOUT))
    return columns | {
        "destination": pc.replace_substring_regex(columns["city"], r"^.*,\s*", ""),
        "filters": pc.if_else(pc.equal(filters, ""), 0, number),
        "sort_filter": pc.extract_regex(filters, _SORT_FILTER).field("order"),
        "sort_order": _sort_order(pages),
        "last_action": sessions.columns["action_type"].take(_places(before)),
        "steps_before": pa.array(steps.count(pages.session, pages.moment)),
        "clickouts_before": pa.array(clickouts.count(pages.session, pages.moment)),
        "click_position_before": _numbers(pages.position_on(pages.page_before, clicked)),
        "seconds_in_session": _seconds(pages.time - sessions.time[sessions.first][pages.session]),
        "seconds_since_step": _seconds(since),
    }


def _sort_order(pages: _Pages) -> pa.Array:
    """The order that the session chose last, [C]."""
    references = pages.sessions.columns["reference"]
    rows = pages.sessions.rows(_SORTING)
    rows = rows[~as_mask(pc.equal(references.take(pa.array(rows)), _BUTTON))]
    last = pages.sessions.events(rows).last(pages.session, pages.moment)
    return references.take(_places(pick(rows, last, -1)))


def _hotels(pages: _Pages) -> dict[str, pa.Array]:
    """The hotels of the pages, [N]: what the pages themselves and those before say."""
    of_hotel = pages.list_of_hotel
    before = pages.page_before[of_hotel]
    clicked = pages.reference[pick(pages.row, before, 0)]
    position = pages.position_on(before, pages.hotel)
    reference = pages.reference[pages.row][of_hotel]
    click = np.where(reference < 0, np.nan, pages.hotel == reference)
    return {
        "item_id": pages.hotel_id,
        "position": pa.array(pages.position),
        "price": _numbers(pages.price),
        "position_before": _numbers(position),
        "below_click_before": _numbers(position - pages.position_on(before, clicked)),
        "clickout": _numbers(click),
    }


def _interactions(pages: _Pages) -> dict[str, pa.Array]:
    """What the session did with each hotel before, [N]."""
    sessions, of_hotel = pages.sessions, pages.list_of_hotel
    pair = pages.session[of_hotel] * pages.hotels + pages.hotel
    moment, time = pages.moment[of_hotel], pages.time[of_hotel]
    rows = {name: sessions.rows(action) for action, name in HOTEL_ACTIONS.items()}
    rows = {name: found[pages.reference[found] >= 0] for name, found in rows.items()}
    counts = {name: _with_hotels(pages, found).count(pair, moment) for name, found in rows.items()}
    all_rows = np.sort(np.concatenate(list(rows.values())))
    latest = pick(all_rows, _with_hotels(pages, all_rows).last(pair, moment), -1)
    since = time - pick(sessions.time.astype(np.float64), latest, np.nan)
    last = sessions.events(all_rows).last(pages.session, pages.moment)
    last_hotel = pick(pages.reference[all_rows], last, -1)[of_hotel]
    is_last = pages.hotel == last_hotel
    price_of_last = np.full(len(pages.row), np.nan)
    price_of_last[of_hotel[is_last]] = pages.price[is_last]
    return {name: pa.array(count) for name, count in counts.items()} | {
        "interactions": pa.array(sum(counts.values())),
        "seconds_since_interaction": _seconds(since),
        "is_last": pa.array(is_last.astype(np.int64)),
        "price_to_last": _numbers(pages.price / price_of_last[of_hotel]),
    }


def _with_hotels(pages: _Pages, rows: Integers) -> Events:
    """The steps at some rows, by session and hotel."""
    sessions = pages.sessions
    pair = sessions.session[rows] * pages.hotels + pages.reference[rows]
    return Events.of(pair, sessions.moment[rows], sessions.span)


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


def _places(places: Integers) -> pa.Array:
    """Places to take; null where -1."""
    return pa.array(places, mask=places < 0)


def _numbers(values: np.ndarray) -> pa.Array:
    """Numbers; NaN becomes null."""
    return pa.array(values.astype(np.float64), from_pandas=True)


def _seconds(since: np.ndarray) -> pa.Array:
    """Seconds since something; null where the clock went back."""
    return _numbers(np.where(since >= 0, since, np.nan))
