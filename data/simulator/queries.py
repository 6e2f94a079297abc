"""Users and the queries that they send: all that a list has one value of."""

import datetime
from dataclasses import dataclass

import numpy as np

from data.simulator.config import DAYS, SimulatorConfig
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
from data.simulator.regions import SHARES
from data.simulator.shifts import Shifts

FIRST_DAY = datetime.datetime(2024, 3, 4, tzinfo=datetime.timezone.utc)
VALIDATION_DAY, EVALUATION_DAY = 12, 14
DAY_MILLISECONDS = 86_400_000
LISTS_PER_USER = 3


@dataclass(frozen=True)
class Users:
    """All users; those of a region lie together.

    Attributes:
        first: int [R + 1], the first user of each region and, last, the number of users.
        app: float [U], a user takes to the app if this is below the region's chance.
        past_purchases: float [U], purchases before the first day.
    """

    first: Integers
    app: Floats
    past_purchases: Floats


@dataclass(frozen=True)
class Queries:
    """The queries of B lists, in the order of time; each array has an element a list.

    Attributes:
        index: int, number of the list among all lists.
        shown_at: int, milliseconds since 1970.
        region: int, index in REGIONS.
        user: int, index of the user.
        platform: int, index in PLATFORMS.
        category: int, index in CATEGORIES.
        words: float, words of the query.
        hour: float, hour of the day in UTC.
        past_purchases: float, of the user.
        intent: float, how ready to act the user is; it moves all items of a list alike.
        difficulty: float, how badly the texts of all items match.
        randomised: bool, whether the items are shown in random order.
        length: int, items of the list.
    """

    index: Integers
    shown_at: Integers
    region: Integers
    user: Integers
    platform: Integers
    category: Integers
    words: Floats
    hour: Floats
    past_purchases: Floats
    intent: Floats
    difficulty: Floats
    randomised: Booleans
    length: Integers


def draw_users(config: SimulatorConfig) -> Users:
    """Draws the users of the marketplace."""
    counts = np.ceil(SHARES * config.lists / LISTS_PER_USER).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(counts)])
    generator = stream(config.seed, Purpose.USERS)
    users = int(first[-1])
    past = np.floor(3 * exponential(generator, users))
    return Users(first, app=uniform(generator, users), past_purchases=past)


def draw_queries(
    config: SimulatorConfig, shifts: Shifts, users: Users, block: int, index: Integers
) -> Queries:
    """Draws the queries of one block of lists.

    Args:
        config: the marketplace.
        shifts: distributions by region.
        users: all users.
        block: number of the block.
        index: int [B], the numbers of its lists.

    Returns:
        The queries of the block.
    """
    generator = stream(config.seed, Purpose.QUERIES, block)
    size = len(index)
    region = choose(SHARES[None], np.zeros(size, dtype=np.int64), uniform(generator, size))
    user = _draw_users_of(users, region, uniform(generator, size))
    shown_at = _times(config, index, generator.random(size))
    app = (users.app[user] < shifts.app[region]) ^ (uniform(generator, size) < 0.1)
    words = 1 + np.floor(exponential(generator, size) * shifts.query_words[region])
    return Queries(
        index=index,
        shown_at=shown_at,
        region=region,
        user=user,
        platform=app.astype(np.int64),
        category=choose(shifts.categories, region, uniform(generator, size)),
        words=np.minimum(words, 12),
        hour=np.floor(shown_at % DAY_MILLISECONDS / 3_600_000).astype(np.float32),
        past_purchases=users.past_purchases[user],
        intent=0.4 * normal(generator, size),
        difficulty=0.5 * normal(generator, size),
        randomised=uniform(generator, size) < config.randomised_share,
        length=_lengths(config, generator, size),
    )


def _draw_users_of(users: Users, region: Integers, uniforms: Floats) -> Integers:
    first, after = users.first[region], users.first[region + 1]
    # The power lets few users send many queries.
    return first + ((after - first) * uniforms.astype(np.float64) ** 1.3).astype(np.int64)


def _times(config: SimulatorConfig, index: Integers, uniforms: np.ndarray) -> Integers:
    days = DAYS * (index + uniforms) / config.lists
    # Bends the clock within each day, so that traffic peaks at noon.
    days = days + 0.6 / (2 * np.pi) * np.sin(2 * np.pi * days)
    first = int(FIRST_DAY.timestamp() * 1000)
    last = first + DAYS * DAY_MILLISECONDS - 1
    return np.minimum(first + (days * DAY_MILLISECONDS).astype(np.int64), last)


def _lengths(config: SimulatorConfig, generator: np.random.Generator, size: int) -> Integers:
    width = config.longest_list - config.shortest_list
    share = generator.beta(1.4, 1.2, size)
    return config.shortest_list + np.rint(share * width).astype(np.int64)
