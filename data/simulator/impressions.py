"""The order in which a list is shown: a mediocre ranker's, or a random one."""

from dataclasses import fields, replace

import numpy as np

from data.simulator.draws import Floats, Integers, normal, uniform
from data.simulator.listings import Listings
from data.simulator.queries import Queries


def in_shown_order(
    generator: np.random.Generator, queries: Queries, listings: Listings
) -> tuple[Listings, Integers]:
    """Puts the listings of each list in the order in which they are shown.

    Args:
        generator: random numbers for this block.
        queries: the queries of the block.
        listings: its N listings in any order within their list.

    Returns:
        The listings in shown order, and int [N], their positions from 1.
    """
    score = _ranker_score(generator, listings)
    chance = uniform(generator, len(score))
    score = np.where(queries.randomised[listings.row], chance, score)
    order = np.lexsort((-score, listings.row))
    shown = replace(
        listings, **{field.name: getattr(listings, field.name)[order] for field in fields(listings)}
    )
    first = np.cumsum(queries.length) - queries.length
    return shown, np.arange(len(order)) - first[shown.row] + 1


def _ranker_score(generator: np.random.Generator, listings: Listings) -> Floats:
    """What the ranker in place orders by: it knows no regions and guesses a good deal."""
    noise = 1.3 * normal(generator, len(listings.row))
    popularity = np.log1p(listings.popularity)
    return 2.0 * listings.text_match + 0.8 * popularity - 0.02 * listings.delivery_days + noise
