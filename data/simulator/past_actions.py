"""What users did, and the histories that lists have of it."""

import numpy as np
import pyarrow as pa

from data.simulator.actions import TASKS
from data.simulator.catalogue import Catalogue
from data.simulator.draws import Booleans, Integers
from data.simulator.queries import Queries
from data.simulator.shifts import CATEGORIES, CONDITIONS
from data.simulator.supply import Listings

# Entries of a history at most.
NEWEST = 50
# What is clicked in a list counts as done so long after it was shown.
_MINUTE, _HOUR = 60_000, 3_600_000
# Above all moments in milliseconds since 1970.
_SPAN = 1 << 42


class PastActions:
    """Actions of all users, in the order of users and time.

    Args:
        catalogue: the M listings.
        tasks: how many of the tasks are known.
        user: int [E], of each action.
        at: int [E], when, in milliseconds since 1970.
        number: int [E], the listing: its number, or that of one that was sold, which is equal but
            for a multiple of M.
        action: int [E], the furthest task that was reached, a place in TASKS.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        tasks: int,
        user: Integers,
        at: Integers,
        number: Integers,
        action: Integers,
    ) -> None:
        self._catalogue = catalogue
        self._furthest = tasks - 1
        self._key = np.zeros(0, np.int64)
        self._number, self._action = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._add(user, at, number, action)

    def add(self, queries: Queries, listings: Listings, done: list[Booleans]) -> None:
        """Adds what was done in the lists of a block; not that with shops.

        Args:
            queries: the queries of the block.
            listings: its N listings.
            done: by task, bool [N].
        """
        acted = np.any(done, axis=0)
        if listings.shop is not None:
            acted &= ~listings.shop
        places = np.flatnonzero(acted)
        furthest = np.max([number * task[places] for number, task in enumerate(done)], axis=0)
        row = listings.row[places]
        at = queries.shown_at[row] + _MINUTE
        self._add(queries.user[row], at, np.asarray(listings.number)[places], furthest)

    def columns(self, queries: Queries) -> dict[str, pa.Array]:
        """The history of each list, newest first: what its user did before it was shown.

        Args:
            queries: the B queries of a block.

        Returns:
            Arrays of B lists, which are of equal lengths.
        """
        user = queries.user * _SPAN
        after = np.searchsorted(self._key, user + queries.shown_at)
        lengths = np.minimum(after - np.searchsorted(self._key, user), NEWEST)
        starts = np.cumsum(lengths) - lengths
        places = np.repeat(after - 1 + starts, lengths) - np.arange(lengths.sum())
        values = self._values(places, np.repeat(queries.shown_at, lengths))
        offsets = pa.array(np.append(starts, lengths.sum()).astype(np.int32))
        return {name: pa.ListArray.from_arrays(offsets, array) for name, array in values.items()}

    def _values(self, places: Integers, shown_at: Integers) -> dict[str, pa.Array]:
        number = self._number[places]
        of_catalogue = number % len(self._catalogue)
        listings = self._catalogue.listings
        hours = (shown_at - self._key[places] % _SPAN) / _HOUR
        action = np.minimum(self._action[places], self._furthest)
        return {
            "viewed_listing": listing_ids(number),
            "viewed_category": _names(CATEGORIES, listings.category[of_catalogue]),
            "viewed_price": pa.array(listings.price[of_catalogue], pa.float32()),
            "viewed_condition": _names(CONDITIONS, listings.condition[of_catalogue]),
            "viewed_stock": pa.array(np.asarray(listings.stock)[of_catalogue], pa.float32()),
            "viewed_action": _names(TASKS, action),
            "hours_ago": pa.array(hours, pa.float32()),
        }

    def _add(self, user: Integers, at: Integers, number: Integers, action: Integers) -> None:
        key = np.concatenate([self._key, user * _SPAN + at])
        order = np.argsort(key, kind="stable")
        self._key = key[order]
        self._number = np.concatenate([self._number, number])[order]
        self._action = np.concatenate([self._action, action])[order]


def listing_ids(numbers: Integers) -> pa.Array:
    """Ids of listings, by their numbers."""
    return pa.array(np.char.mod("l%08d", numbers).tolist(), pa.string())


def _names(names: tuple[str, ...], indices: Integers) -> pa.Array:
    return pa.array(names).take(pa.array(indices))
