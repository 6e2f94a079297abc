"""Listings that come again in several lists, under the same id."""

import numpy as np

from data.simulator.config import SimulatorConfig
from data.simulator.draws import Floats, Integers, Purpose, stream
from data.simulator.queries import Queries
from data.simulator.regions import SHARES
from data.simulator.second_kind import with_shops
from data.simulator.shifts import CATEGORIES, Shifts
from data.simulator.single_pieces import SHARE_ON_SALE, OnSale, with_stock
from data.simulator.supply import Listings, draw_listings, draw_text_matches

# How often a listing that is always there is shown, about.
_SHOWN = 12
# Listings of a region and category at least, by those of the longest list.
_FEWEST = 4


class Catalogue:
    """All listings, in pools by the region and the category of the queries that they answer.

    Args:
        config: the marketplace.
        shifts: distributions by region.
    """

    def __init__(self, config: SimulatorConfig, shifts: Shifts) -> None:
        sizes = _pool_sizes(config, shifts)
        self._first = np.concatenate([[0], np.cumsum(sizes)])
        generator = stream(config.seed, Purpose.CATALOGUE)
        listings = draw_listings(generator, shifts, _pools(sizes))
        if config.second_kind:
            queried = listings.row % len(CATEGORIES)
            # Shops are always there.
            share = SHARE_ON_SALE if config.single_pieces else 1.0
            kinds = stream(config.seed, Purpose.SECOND_KIND)
            listings = with_shops(kinds, listings, queried, share)
        self.listings = with_stock(config, listings)
        self.on_sale = OnSale.draw(config, self.listings)

    def __len__(self) -> int:
        return int(self._first[-1])

    def pools(self, region: Integers, category: Integers) -> tuple[Integers, Integers]:
        """The listings for queries of a region in a category lie together.

        Args:
            region: int [B].
            category: int [B].

        Returns:
            int [B] each: the place of the first one, and that behind the last one.
        """
        pool = region * len(CATEGORIES) + category
        return self._first[pool], self._first[pool + 1]

    def draw(self, generator: np.random.Generator, queries: Queries) -> Listings:
        """Draws the listings of the lists of a block among those on sale, each once in a list.

        Args:
            generator: random numbers for this block.
            queries: the B queries.

        Returns:
            The listings, in no particular order within their list.
        """
        first, after = self.pools(queries.region, queries.category)
        chosen = [
            self._choose(generator, *query)
            for query in zip(first, after, queries.shown_at, queries.length, strict=True)
        ]
        row = np.repeat(np.arange(len(chosen)), [len(numbers) for numbers in chosen])
        texts = draw_text_matches(generator, queries.difficulty[row])
        return self.take(np.concatenate(chosen), row, texts)

    def take(self, numbers: Integers, row: Integers, text_match: Floats) -> Listings:
        """Some listings as answers to queries.

        Args:
            numbers: places in the catalogue, int [N].
            row: which query each answers, int [N].
            text_match: how well its text does, float [N].
        """
        taken = self.listings.take(numbers)
        return taken.answering(row, text_match, numbers)

    def _choose(
        self, generator: np.random.Generator, first: int, after: int, at: int, length: int
    ) -> Integers:
        pool = np.arange(first, after)
        there = pool[self.on_sale.at(pool, at)]
        return generator.choice(there, min(length, len(there)), replace=False)


def _pool_sizes(config: SimulatorConfig, shifts: Shifts) -> Integers:
    """Listings by region and category, int [R * C]."""
    items = config.lists * (config.shortest_list + config.longest_list) / 2
    shown = items * SHARES[:, None] * shifts.categories / _SHOWN
    return np.maximum(np.ceil(shown), _FEWEST * config.longest_list).astype(np.int64).ravel()


def _pools(sizes: Integers) -> Queries:
    """A query for each pool, answered by all that is in it."""
    pools = np.arange(len(sizes))
    whole, zeros = np.zeros(len(sizes), np.int64), np.zeros(len(sizes), np.float32)
    return Queries(
        index=pools,
        shown_at=whole,
        region=pools // len(CATEGORIES),
        user=whole,
        platform=whole,
        category=pools % len(CATEGORIES),
        words=zeros,
        hour=zeros,
        past_purchases=zeros,
        intent=zeros,
        difficulty=zeros,
        randomised=whole > 0,
        length=sizes,
    )
