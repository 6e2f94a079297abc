"""How the distributions of features differ by region."""

from dataclasses import dataclass, replace

import numpy as np

from data.simulator.draws import Floats
from data.simulator.regions import REGIONS, SHARES, alike, table

CATEGORIES = (
    *("art", "bags", "books", "clothing", "electronics", "garden"),
    *("home", "jewellery", "kitchen", "party", "pets", "toys"),
)
CONDITIONS = ("new", "handmade", "vintage", "refurbished")
# Log price of each category beside the region's level, float [C].
CATEGORY_LEVELS = (3.5 + 0.6 * np.sin(1.9 * np.arange(1, len(CATEGORIES) + 1))).astype(np.float32)


@dataclass(frozen=True)
class Shifts:
    """Parameters of the feature distributions; all arrays have a row for each region.

    Attributes:
        price_level: float [R], location of log price.
        price_spread: float [R], scale of log price within a list.
        delivery_shape: float [R], shape of the gamma distribution of delivery times.
        free_shipping: float [R], chance of a domestic listing to ship for free.
        rating_gap: float [R], mean distance of seller ratings from 5.
        unrated: float [R], chance of a seller to have no rating yet.
        discounted: float [R], chance of a listing to be discounted.
        discount_power: float [R], shape of the discounts' distribution.
        query_words: float [R], mean number of words beyond the first.
        app: float [R], chance of a user to prefer the app.
        supply: float [R, R], chances of a listing's country by the query's region.
        categories: float [R, C], chances of a query's category.
        conditions: float [R, K], chances of a listing's condition.
        noise: float [R], location of every second noise feature.
    """

    price_level: Floats
    price_spread: Floats
    delivery_shape: Floats
    free_shipping: Floats
    rating_gap: Floats
    unrated: Floats
    discounted: Floats
    discount_power: Floats
    query_words: Floats
    app: Floats
    supply: Floats
    categories: Floats
    conditions: Floats
    noise: Floats


def _supply() -> Floats:
    domestic = np.diag(table(0.75, 0.5, 0.6, 0.5, 0.25, 0.3, 0.45, 0.35, 0.65, 0.15))
    foreign = np.sqrt(SHARES) * (1 - np.eye(len(REGIONS), dtype=np.float32))
    foreign *= (1 - domestic.sum(axis=1, keepdims=True)) / foreign.sum(axis=1, keepdims=True)
    return domestic + foreign


def _categories() -> Floats:
    region, category = np.ogrid[1 : len(REGIONS) + 1, 1 : len(CATEGORIES) + 1]
    weights = np.exp(0.9 * np.sin(1.3 * region * category) + 0.5 * np.cos(2.0 * category))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


#                            US    GB    DE    FR    CA    AU    IT    ES    JP    FI
_CONDITIONS = np.array(
    [
        table(0.62, 0.45, 0.70, 0.40, 0.55, 0.50, 0.35, 0.60, 0.75, 0.50),
        table(0.20, 0.20, 0.10, 0.30, 0.25, 0.20, 0.40, 0.20, 0.10, 0.20),
        table(0.10, 0.25, 0.05, 0.25, 0.10, 0.20, 0.20, 0.10, 0.10, 0.10),
        table(0.08, 0.10, 0.15, 0.05, 0.10, 0.10, 0.05, 0.10, 0.05, 0.20),
    ]
).T

SHIFTS = Shifts(
    price_level=table(0.3, 0.0, 0.4, 0.1, -0.2, 0.5, -0.4, -0.7, 0.9, -0.1),
    price_spread=table(0.7, 0.55, 0.5, 0.6, 0.8, 0.75, 0.6, 0.5, 0.4, 0.9),
    delivery_shape=table(2.0, 4.0, 8.0, 3.0, 1.2, 1.0, 1.5, 1.2, 8.0, 3.0),
    free_shipping=table(0.7, 0.45, 0.55, 0.3, 0.35, 0.2, 0.25, 0.4, 0.8, 0.1),
    rating_gap=table(0.35, 0.4, 0.5, 0.7, 0.4, 0.45, 0.6, 0.8, 0.3, 0.55),
    unrated=table(0.04, 0.08, 0.05, 0.15, 0.12, 0.2, 0.25, 0.3, 0.03, 0.35),
    discounted=table(0.5, 0.45, 0.25, 0.35, 0.5, 0.4, 0.3, 0.6, 0.2, 0.25),
    discount_power=table(1.0, 0.7, 2.5, 1.5, 0.8, 1.2, 2.0, 0.5, 3.0, 1.5),
    query_words=table(2.2, 1.8, 0.8, 1.9, 2.2, 1.9, 1.3, 1.6, 0.5, 0.7),
    app=table(0.55, 0.45, 0.35, 0.4, 0.5, 0.5, 0.6, 0.65, 0.75, 0.4),
    supply=_supply(),
    categories=_categories(),
    conditions=_CONDITIONS,
    noise=table(0.0, 0.6, -0.5, 0.9, -0.9, 0.3, 1.2, -1.2, 0.6, -0.3),
)


def shifts(regional: bool) -> Shifts:
    """The parameters of the feature distributions, with or without regional differences."""
    if regional:
        return SHIFTS
    # Only an even supply gives each region the same countries and the same domestic share.
    even = np.full_like(SHIFTS.supply, 1 / len(REGIONS))
    return replace(alike(SHIFTS), supply=even)
