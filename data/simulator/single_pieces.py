"""The switch `single_pieces`: listings in stock of one, which are gone once they are sold.

A piece is on sale from one moment to another, and no longer than until somebody purchases it: a
user of the logs, or one who would have, had they looked further down. Other listings are in deep
stock and always there.
"""

from dataclasses import dataclass, replace

import numpy as np

from data.simulator.config import DAYS, SimulatorConfig
from data.simulator.draws import (
    Booleans,
    Floats,
    Integers,
    Purpose,
    exponential,
    stream,
    uniform,
)
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY
from data.simulator.supply import Listings

# Chance of a listing to be a single piece, by its condition.
_CHANCES = np.array([0.4, 0.85, 0.95, 0.7], dtype=np.float32)
# Share of a catalogue with single pieces that is on sale at a time, about.
SHARE_ON_SALE = 0.62
# Days for which a piece is on sale, on average, and days before the first one that some came on.
LIFE_DAYS = 12
_FIRST_MILLISECOND = int(FIRST_DAY.timestamp() * 1000)
_ALWAYS = np.iinfo(np.int64).max


def with_stock(config: SimulatorConfig, listings: Listings) -> Listings:
    """Listings with what there is of each; shops have no stock.

    Args:
        config: whether some are single pieces.
        listings: all M listings of a catalogue.
    """
    generator = stream(config.seed, Purpose.STOCK)
    size = len(listings.category)
    single = uniform(generator, size) < _CHANCES[listings.condition] * config.single_pieces
    deep = 2 + np.floor(60 * exponential(generator, size))
    stock = np.where(single, np.float32(1), deep)
    if listings.shop is not None:
        stock = np.where(listings.shop, np.float32(np.nan), stock)
    return replace(listings, stock=stock)


def is_single(stock: Floats | None, size: int) -> Booleans:
    """Which of N listings are single pieces; bool [N]."""
    return np.zeros(size, bool) if stock is None else stock == 1


@dataclass
class OnSale:
    """When the M listings of a catalogue are on sale; in milliseconds since 1970, int [M] each.

    Attributes:
        since: from when on.
        until: until when; earlier once a piece is sold.
    """

    since: Integers
    until: Integers

    @classmethod
    def draw(cls, config: SimulatorConfig, listings: Listings) -> "OnSale":
        """Draws when pieces come and, unless they are sold before, when they go."""
        generator = stream(config.seed, Purpose.SHELVES)
        size = len(listings.category)
        came = (LIFE_DAYS + DAYS) * uniform(generator, size).astype(float) - LIFE_DAYS
        stays = LIFE_DAYS * exponential(generator, size).astype(float)
        single = is_single(listings.stock, size)
        since, until = (
            _FIRST_MILLISECOND + (days * DAY_MILLISECONDS).astype(np.int64)
            for days in (came, came + stays)
        )
        return cls(np.where(single, since, 0), np.where(single, until, _ALWAYS))

    def at(self, numbers: Integers, moments: Integers | int) -> Booleans:
        """Which listings are on sale at some moments.

        Args:
            numbers: places in the catalogue, int [N].
            moments: int [N], or one for all.
        """
        return (self.since[numbers] <= moments) & (moments < self.until[numbers])

    def sell(self, listings: Listings, shown_at: Integers, wanted: Booleans) -> Booleans:
        """Sells the pieces that are wanted first, and takes them off the lists that come later.

        Args:
            listings: the N listings of a block, list by list in the order of time.
            shown_at: int [N], when the list of each was shown.
            wanted: bool [N], which are purchased if they are examined.

        Returns:
            bool [N], which are still there.
        """
        single = is_single(listings.stock, len(wanted))
        sold = np.flatnonzero(wanted & single)
        if listings.number is None or not len(sold):
            return np.ones(len(wanted), bool)
        # Backwards, so that the first sale of a piece stays.
        first = np.full(len(self.until), _ALWAYS)
        first[listings.number[sold][::-1]] = listings.row[sold][::-1]
        self.until[listings.number[sold][::-1]] = shown_at[sold][::-1]
        return ~single | (listings.row <= first[listings.number])
