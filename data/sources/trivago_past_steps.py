"""The steps of a session before a page, as parallel lists."""

import numpy as np
import pyarrow as pa

from data.sources.trivago_history import Events, Integers, pick
from data.sources.trivago_pages import Pages, places_to_take

# What the session did with hotels before, an entry each, the newest first.
PAST_COLUMNS = (
    *("viewed_item", "viewed_action", "seconds_ago", "viewed_price", "viewed_position"),
)
# Entries of a history at most.
NEWEST = 50


def past_steps(pages: Pages, rows: Integers) -> dict[str, pa.Array]:
    """What the session did with hotels before each page, shown or not.

    Args:
        pages: the C pages.
        rows: rows of the steps that dealt with a hotel, int64 [E].

    Returns:
        By name of `PAST_COLUMNS`, lists [C] of equal lengths, the newest step first: the hotel, the
        action, seconds since then (null where the clock went back), the hotel's price (on this
        page, else on that of the session's clickout before; else null), and where it stood on that
        of the clickout before; where it stands on this page would say which of the rows it is.
    """
    sessions = pages.sessions
    events: Events = sessions.events(rows)
    places, lengths = events.newest(pages.session, pages.moment, NEWEST)
    steps, page = rows[places], np.repeat(np.arange(len(lengths)), lengths)
    hotel, before = pages.reference[steps], pages.page_before[page]
    here, there = pages.place_on(page, hotel), pages.place_on(before, hotel)
    price = pick(pages.price, np.where(here >= 0, here, there), np.nan)
    since = (pages.time[page] - sessions.time[steps]).astype(np.float64)
    values = (
        sessions.columns["reference"].take(places_to_take(steps)),
        sessions.columns["action_type"].take(places_to_take(steps)),
        _numbers(np.where(since >= 0, since, np.nan)),
        _numbers(price),
        _numbers(pick(pages.position.astype(np.float64), there, np.nan)),
    )
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    return {
        name: pa.ListArray.from_arrays(offsets, entries)
        for name, entries in zip(PAST_COLUMNS, values, strict=True)
    }


def _numbers(values: np.ndarray) -> pa.Array:
    """Numbers; NaN becomes null."""
    return pa.array(values, from_pandas=True)
