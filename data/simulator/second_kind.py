"""The switch `second_kind`: shops stand among the listings of a page.

A shop has no price, and nothing else that belongs to one article; it has followers and answers
questions fast or slowly, which listings do not. What people do with a shop is done with its
articles.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from data.simulator.actions import Funnel
from data.simulator.appeal import Appeal, sigmoid
from data.simulator.draws import Floats, Integers, exponential, normal, uniform
from data.simulator.queries import Queries
from data.simulator.regions import Tastes
from data.simulator.shifts import CATEGORIES
from data.simulator.supply import Listings

# The column that tells them apart.
KIND = "item_kind"
KINDS = ("listing", "shop")
# What only listings have, beside their condition, and what only shops have.
OF_LISTINGS = ("price", "discount", "shipping_cost", "delivery_days")
OF_SHOPS = ("followers", "answer_hours")
# Share of shops among the positions, by the category of the query.
SHARES = np.linspace(0.10, 0.25, len(CATEGORIES), dtype=np.float32)


def with_shops(
    generator: np.random.Generator, listings: Listings, queried: Integers, share: float = 1.0
) -> Listings:
    """Makes shops of some listings.

    Args:
        generator: random numbers.
        listings: N listings.
        queried: category of the query that each answers, int [N].
        share: of the usual share.

    Returns:
        The same in the same order. Shops have NaN for what only listings have, and the reverse.
    """
    size = len(queried)
    shop = uniform(generator, size) < SHARES[queried] * np.float32(share)
    followers = np.floor(np.exp(5.5 + 1.2 * normal(generator, size)))
    answer_hours = np.round(8 * exponential(generator, size), 1)
    missing = np.float32(np.nan)
    of_listings: dict[str, Any] = {
        name: np.where(shop, missing, getattr(listings, name)) for name in OF_LISTINGS
    }
    return replace(
        listings,
        **of_listings,
        condition=np.where(shop, -1, listings.condition),
        shop=shop,
        followers=np.where(shop, followers, missing),
        answer_hours=np.where(shop, answer_hours, missing),
    )


def with_odds_of_shops(
    steps: Funnel, queries: Queries, listings: Listings, tastes: Tastes
) -> Funnel:
    """The funnel with the probabilities of shops where there are some.

    Args:
        steps: probabilities of N items, those of shops unknown.
        queries: the queries of the block.
        listings: the N items.
        tastes: what people want by region.
    """
    shop, followers, hours = listings.shop, listings.followers, listings.answer_hours
    if shop is None or followers is None or hours is None:
        return steps
    appeal = Appeal(queries, listings, tastes)
    intent = queries.intent[listings.row]
    # Regions of dear tastes like well-known shops; patient ones wait for an answer.
    known = np.log1p(followers) - 5.5 - tastes.price_ideal[appeal.region]
    followed = np.exp(-(known**2)).astype(np.float32)
    quick = sigmoid((tastes.patience[appeal.region] - hours) / 2)
    odds: tuple[Floats, Floats, Floats] = (
        -6.0 + 2.2 * appeal.matching() + 2.4 * followed + 1.6 * quick + 0.5 * appeal.rating(),
        -2.6 + 1.4 * quick + 0.9 * appeal.rating(),
        -2.0 + 1.0 * followed + 1.2 * appeal.rating(),
    )
    click, cart, purchase = (sigmoid(one + intent) for one in odds)
    return replace(
        steps,
        click=np.where(shop, click, steps.click),
        cart=np.where(shop, cart, steps.cart),
        purchase=np.where(shop, purchase, steps.purchase),
    )
