"""Steps of trivago sessions -> one row for each hotel that a clickout's page showed."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.sources.trivago_history import Events, Integers, pick
from data.sources.trivago_pages import Pages, Sessions, as_mask, places_to_take
from data.sources.trivago_past_steps import PAST_COLUMNS, past_steps

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
    *PAST_COLUMNS,
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


def shown_hotels(
    steps: pa.Table, shows: np.ndarray, names: Sequence[str] = COLUMNS
) -> tuple[np.ndarray, pa.Table]:
    """Makes one row of each hotel on the page of each clickout.

    Nothing but the steps before the clickout, and the page itself (hotels and their order, prices,
    filters, city, country platform, device), enters a column other than the label `clickout`.
    Steps with the same number are not before each other.

    Args:
        steps: whole sessions, one step a row [S]: the challenge's columns, as texts, `timestamp`
            and `step` as int64; missing texts are null.
        shows: bool [S], the clickouts to make lists of: their `impressions` and `prices` have
            equal lengths.
        names: the columns that are asked for.

    Returns:
        int64 [N], the row of each hotel's clickout in `steps`; and the rows [N] with these columns:
        `position` counts from 1; `steps_before`, `clickouts_before` and the columns of
        `HOTEL_ACTIONS` are counts, `interactions` the sum of the latter. `is_last` says whether
        the session dealt with this hotel last, `price_to_last` divides by that hotel's price on
        this page. `position_before` is where the hotel stood on the page of the session's clickout
        before, `click_position_before` where the hotel clicked there stood, `below_click_before`
        their difference. What has nothing before it is missing.
    """
    pages = Pages(Sessions(steps), np.flatnonzero(shows))
    columns = {**_context(pages), **_hotels(pages), **_interactions(pages)}
    if not set(PAST_COLUMNS).isdisjoint(names):
        columns |= past_steps(pages, _with_a_hotel(pages))
    of_context = pa.array(pages.list_of_hotel)
    table = {
        name: columns[name].take(of_context) if name in CONTEXT_COLUMNS else columns[name]
        for name in names
    }
    return pages.row[pages.list_of_hotel], pa.table(table)


def _context(pages: Pages) -> dict[str, pa.Array]:
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
        "last_action": sessions.columns["action_type"].take(places_to_take(before)),
        "steps_before": pa.array(steps.count(pages.session, pages.moment)),
        "clickouts_before": pa.array(clickouts.count(pages.session, pages.moment)),
        "click_position_before": _numbers(pages.position_on(pages.page_before, clicked)),
        "seconds_in_session": _seconds(pages.time - sessions.time[sessions.first][pages.session]),
        "seconds_since_step": _seconds(since),
    }


def _sort_order(pages: Pages) -> pa.Array:
    """The order that the session chose last, [C]."""
    references = pages.sessions.columns["reference"]
    rows = pages.sessions.rows(_SORTING)
    rows = rows[~as_mask(pc.equal(references.take(pa.array(rows)), _BUTTON))]
    last = pages.sessions.events(rows).last(pages.session, pages.moment)
    return references.take(places_to_take(pick(rows, last, -1)))


def _hotels(pages: Pages) -> dict[str, pa.Array]:
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


def _interactions(pages: Pages) -> dict[str, pa.Array]:
    """What the session did with each hotel before, [N]."""
    sessions, of_hotel = pages.sessions, pages.list_of_hotel
    pair = pages.session[of_hotel] * pages.hotels + pages.hotel
    moment, time = pages.moment[of_hotel], pages.time[of_hotel]
    rows = _rows_by_column(pages)
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


def _rows_by_column(pages: Pages) -> dict[str, Integers]:
    """Rows of the steps that dealt with a hotel, by the column that counts them."""
    rows = {name: pages.sessions.rows(action) for action, name in HOTEL_ACTIONS.items()}
    return {name: found[pages.reference[found] >= 0] for name, found in rows.items()}


def _with_a_hotel(pages: Pages) -> Integers:
    """Rows of all steps that dealt with a hotel, in the order of the file."""
    return np.sort(np.concatenate(list(_rows_by_column(pages).values())))


def _with_hotels(pages: Pages, rows: Integers) -> Events:
    """The steps at some rows, by session and hotel."""
    sessions = pages.sessions
    pair = sessions.session[rows] * pages.hotels + pages.reference[rows]
    return Events.of(pair, sessions.moment[rows], sessions.span)


def _numbers(values: np.ndarray) -> pa.Array:
    """Numbers; NaN becomes null."""
    return pa.array(values.astype(np.float64), from_pandas=True)


def _seconds(since: np.ndarray) -> pa.Array:
    """Seconds since something; null where the clock went back."""
    return _numbers(np.where(since >= 0, since, np.nan))
