"""The switch `histories`: users with tastes of their own, which their earlier clicks show.

A user likes one price, seen from that of the region, and one condition best. For single pieces
these are others than for what is in deep stock: who collects does not shop. What was clicked long
before the first day comes from tastes that have changed since.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.simulator.appeal import Appeal, Wish, sigmoid
from data.simulator.catalogue import Catalogue
from data.simulator.config import SimulatorConfig
from data.simulator.draws import (
    Booleans,
    Floats,
    Integers,
    Purpose,
    choose,
    exponential,
    normal,
    stream,
    uniform,
)
from data.simulator.past_actions import PastActions
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY, Queries, Users
from data.simulator.regions import Tastes
from data.simulator.shifts import CONDITIONS, Shifts
from data.simulator.single_pieces import LIFE_DAYS, is_single
from data.simulator.supply import Listings, draw_text_matches

# Deviation of the ideal log price of users, and what the log odds gain by the best condition.
_PRICE_SPREAD, _LIKING = 0.7, 1.6
# Clicks before the first day, on average and at most, and the mean of the days before it.
_CLICKS, _MOST_CLICKS, _DAYS = 14, 40, 20
# So many days before the first one, tastes were others.
CHANGED_DAYS = 30
# Listings that a click was chosen among.
_SEEN = 8


@dataclass(frozen=True)
class UserTastes:
    """What each of U users wants, of what is in deep stock (column 0) and of single pieces (1).

    Attributes:
        price: float [U, 2], what the ideal log price gains.
        condition: int [U, 2], the condition that is liked best.
    """

    price: Floats
    condition: Integers

    @classmethod
    def draw(cls, generator: np.random.Generator, users: int) -> "UserTastes":
        """Draws the tastes of all users."""
        price = np.float32(_PRICE_SPREAD) * normal(generator, (users, 2))
        return cls(price, generator.integers(0, len(CONDITIONS), (users, 2)))

    def wish(self, user: Integers, listings: Listings) -> Wish:
        """What users want of N listings.

        Args:
            user: int [N].
            listings: the listings.
        """
        price, condition = self._of(user, listings)
        # Without the mean: users of no taste click as often.
        liking = _LIKING * ((condition == listings.condition) - 1 / len(CONDITIONS))
        return Wish(price, liking.astype(np.float32))

    def true_columns(self, user: Integers, listings: Listings) -> dict[str, pa.Array]:
        """What only the simulation knows of the tastes for N listings."""
        price, condition = self._of(user, listings)
        return {
            "true_price_taste": pa.array(price, pa.float32()),
            "true_liked_condition": pa.array(CONDITIONS).take(pa.array(condition)),
        }

    def _of(self, user: Integers, listings: Listings) -> tuple[Floats, Integers]:
        single = is_single(listings.stock, len(user)).astype(np.int64)
        return self.price[user, single], self.condition[user, single]


def draw_user_tastes(config: SimulatorConfig, users: Users) -> UserTastes:
    """The tastes that users have since `CHANGED_DAYS` before the first day."""
    return UserTastes.draw(stream(config.seed, Purpose.TASTES, 0), int(users.first[-1]))


def draw_past_actions(
    config: SimulatorConfig,
    shifts: Shifts,
    tastes: Tastes,
    users: Users,
    own: UserTastes,
    catalogue: Catalogue,
) -> PastActions:
    """Draws what users did before the first day.

    Each click is on one of a few listings that answered a query: that which the user liked best,
    by the log odds of a click and chance.

    Args:
        config: the marketplace.
        shifts: distributions by region.
        tastes: what people want by region.
        users: all users.
        own: what users want.
        catalogue: the listings.
    """
    generator = stream(config.seed, Purpose.PAST)
    counts = np.floor(_CLICKS * exponential(generator, int(users.first[-1])))
    user = np.repeat(np.arange(len(counts)), np.minimum(counts, _MOST_CLICKS).astype(np.int64))
    queries, days = _queries(generator, shifts, users, user)
    seen = _seen(generator, queries, catalogue)
    before = UserTastes.draw(stream(config.seed, Purpose.TASTES, 1), len(counts))
    wishes = [one.wish(user[seen.row], seen) for one in (own, before)]
    old = (days > CHANGED_DAYS)[seen.row]
    appeals = [Appeal(queries, seen, tastes, [wish]) for wish in wishes]
    odds = np.where(old, appeals[1].click(), appeals[0].click())
    odds = odds + generator.gumbel(size=len(odds))
    if seen.shop is not None:
        odds = np.where(seen.shop, -np.inf, odds)
    best = odds.reshape(-1, _SEEN).argmax(axis=1) + _SEEN * np.arange(len(user))
    return PastActions(
        catalogue,
        config.tasks,
        user,
        queries.shown_at,
        _pieces_of_the_time(catalogue, seen.take(best), queries.shown_at),
        _actions(generator, appeals[0], best),
    )


def _queries(
    generator: np.random.Generator, shifts: Shifts, users: Users, user: Integers
) -> tuple[Queries, Floats]:
    """A query for each click, and how many days before the first one it was."""
    size = len(user)
    region = np.searchsorted(users.first, user, side="right") - 1
    days: Floats = exponential(generator, size).astype(float) * float(_DAYS)
    whole, zeros = np.zeros(size, np.int64), np.zeros(size, np.float32)
    queries = Queries(
        index=np.arange(size),
        shown_at=int(FIRST_DAY.timestamp() * 1000) - (days * DAY_MILLISECONDS).astype(np.int64) - 1,
        region=region,
        user=user,
        platform=whole,
        category=choose(shifts.categories, region, uniform(generator, size)),
        words=zeros + 2,
        hour=zeros,
        past_purchases=users.past_purchases[user],
        intent=zeros,
        difficulty=zeros,
        randomised=whole > 0,
        length=whole + _SEEN,
    )
    return queries, days


def _seen(generator: np.random.Generator, queries: Queries, catalogue: Catalogue) -> Listings:
    """The listings that each click was chosen among."""
    first, after = catalogue.pools(queries.region, queries.category)
    row = np.repeat(np.arange(len(first)), _SEEN)
    places = uniform(generator, len(row)).astype(float) * (after - first)[row]
    texts = draw_text_matches(generator, queries.difficulty[row])
    return catalogue.take(first[row] + places.astype(np.int64), row, texts)


def _pieces_of_the_time(catalogue: Catalogue, clicked: Listings, at: Integers) -> Integers:
    """Numbers of what was clicked: pieces that came later stand for earlier ones of their sort.

    Those have numbers beyond the catalogue's, and come in no list.
    """
    numbers = np.asarray(clicked.number)
    lives = (int(FIRST_DAY.timestamp() * 1000) - at) // (LIFE_DAYS * DAY_MILLISECONDS)
    earlier: Booleans = catalogue.on_sale.since[numbers] > at
    return np.where(earlier, numbers + len(catalogue) * (1 + lives), numbers)


def _actions(generator: np.random.Generator, appeal: Appeal, best: Integers) -> Integers:
    """How far users went with what they clicked, as places in TASKS."""
    carted = uniform(generator, len(best)) < sigmoid(appeal.cart()[best])
    purchased = carted & (uniform(generator, len(best)) < sigmoid(appeal.purchase()[best]))
    return carted.astype(np.int64) + purchased
