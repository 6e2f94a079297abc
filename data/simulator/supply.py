"""The listings that answer a query: what is known of each, and how they are drawn."""

from dataclasses import dataclass, fields, replace

import numpy as np

from data.simulator.draws import (
    Booleans,
    Floats,
    Integers,
    choose,
    exponential,
    normal,
    uniform,
)
from data.simulator.queries import Queries
from data.simulator.regions import STYLE_CENTRES, STYLE_LENGTH, STYLES
from data.simulator.shifts import CATEGORIES, CATEGORY_LEVELS, Shifts

BRANDS = 200


@dataclass(frozen=True)
class Listings:
    """The N listings of a block, list by list; each array has an element an item.

    Attributes:
        row: int, which query of the block the listing answers.
        category: int, index in CATEGORIES.
        country: int, index in REGIONS.
        domestic: bool, whether it comes from the query's region.
        condition: int, index in CONDITIONS.
        brand: int in [0, BRANDS), or -1 for none.
        price: float, in euros.
        discount: float, share of the price that is taken off; 0 for none.
        shipping_cost: float, in euros; 0 where it is free.
        delivery_days: float, whole days.
        distance_km: float.
        seller_rating: float from 1 to 5, NaN for a seller without ratings.
        review_count: float.
        popularity: float, clicks of the last month, in thousands.
        text_match: float in (0, 1), how well the text answers the query.
        photo_quality: float in [0, 1].
        photo_count: float; moves nobody.
        age_days: float; moves nobody.
        style: float [N, STYLE_LENGTH], embedding of the photos; NaN where there are none.
        number: int, place in the catalogue; None where listings are drawn anew for every list.
        stock: float, how many there are; None where nobody knows.
        shop: bool, whether it is a shop; None where there are none.
        followers: float, of the shop; NaN for others; None where there are none.
        answer_hours: float, until the shop answers, likewise.
    """

    row: Integers
    category: Integers
    country: Integers
    domestic: Booleans
    condition: Integers
    brand: Integers
    price: Floats
    discount: Floats
    shipping_cost: Floats
    delivery_days: Floats
    distance_km: Floats
    seller_rating: Floats
    review_count: Floats
    popularity: Floats
    text_match: Floats
    photo_quality: Floats
    photo_count: Floats
    age_days: Floats
    style: Floats
    number: Integers | None = None
    stock: Floats | None = None
    shop: Booleans | None = None
    followers: Floats | None = None
    answer_hours: Floats | None = None

    def take(self, places: np.ndarray) -> "Listings":
        """Some of the listings, in some order.

        Args:
            places: their places, int [M], or which of them, bool [N].
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(
            self, **{name: array[places] for name, array in values.items() if array is not None}
        )

    def answering(self, row: Integers, text_match: Floats, number: Integers) -> "Listings":
        """The same listings as answers to other queries.

        Args:
            row: which query each answers, int [N].
            text_match: how well its text does, float [N].
            number: place in the catalogue, int [N].
        """
        return replace(self, row=row, text_match=text_match, number=number)


def draw_listings(generator: np.random.Generator, shifts: Shifts, queries: Queries) -> Listings:
    """Draws the listings of one block of lists.

    Values are rounded as logs have them, and users see what is logged: the order of a list by true
    probability depends on nothing that the logs do not show.

    Args:
        generator: random numbers for this block.
        shifts: distributions by region.
        queries: the queries of the block.

    Returns:
        The listings, in no particular order within their list.
    """
    row = np.repeat(np.arange(len(queries.length)), queries.length)
    region, size = queries.region[row], len(row)
    country = choose(shifts.supply, region, uniform(generator, size))
    domestic = country == region
    category = _categories(generator, queries.category[row])
    photo_quality = np.sqrt(uniform(generator, size)).round(3)
    return Listings(
        row=row,
        category=category,
        country=country,
        domestic=domestic,
        condition=choose(shifts.conditions, region, uniform(generator, size)),
        brand=_brands(generator, size),
        price=_prices(generator, shifts, region, category),
        discount=_discounts(generator, shifts, region),
        shipping_cost=_shipping_costs(generator, shifts, region, domestic),
        delivery_days=_delivery_days(generator, shifts, region, domestic),
        distance_km=_distances(generator, domestic),
        seller_rating=_seller_ratings(generator, shifts, region),
        review_count=np.floor(np.exp(2.0 + 1.3 * normal(generator, size))),
        popularity=np.exp(photo_quality - 0.7 + normal(generator, size)).round(2),
        text_match=draw_text_matches(generator, queries.difficulty[row]),
        photo_quality=photo_quality,
        photo_count=1 + np.floor(3 * exponential(generator, size)),
        age_days=np.floor(120 * exponential(generator, size)),
        style=_styles(generator, category),
    )


def _categories(generator: np.random.Generator, of_query: Integers) -> Integers:
    strays = uniform(generator, len(of_query)) < 0.15
    return np.where(strays, generator.integers(0, len(CATEGORIES), len(of_query)), of_query)


def _brands(generator: np.random.Generator, size: int) -> Integers:
    weights = (1 / np.arange(5, BRANDS + 5, dtype=np.float32))[None]
    brand = choose(weights, np.zeros(size, dtype=np.int64), uniform(generator, size))
    return np.where(uniform(generator, size) < 0.1, -1, brand)


def _prices(
    generator: np.random.Generator, shifts: Shifts, region: Integers, category: Integers
) -> Floats:
    spread = shifts.price_spread[region] * normal(generator, len(region))
    level = CATEGORY_LEVELS[category] + shifts.price_level[region]
    return np.exp(level + spread).round(2)


def _discounts(generator: np.random.Generator, shifts: Shifts, region: Integers) -> Floats:
    size = len(region)
    depth = 0.7 * uniform(generator, size) ** shifts.discount_power[region]
    discounted = uniform(generator, size) < shifts.discounted[region]
    return np.where(discounted, depth, np.float32(0)).round(2)


def _shipping_costs(
    generator: np.random.Generator, shifts: Shifts, region: Integers, domestic: Booleans
) -> Floats:
    size = len(region)
    chance = shifts.free_shipping[region] * np.where(domestic, np.float32(1), np.float32(0.6))
    cost = np.exp(1.3 + 0.6 * ~domestic + 0.5 * normal(generator, size), dtype=np.float32)
    return np.where(uniform(generator, size) < chance, np.float32(0), cost).round(2)


def _delivery_days(
    generator: np.random.Generator, shifts: Shifts, region: Integers, domestic: Booleans
) -> Floats:
    shape = shifts.delivery_shape[region]
    at_home = 3 * generator.standard_gamma(shape, dtype=np.float32) / shape
    abroad = 4 * exponential(generator, len(region)) * ~domestic
    return (1 + np.floor(at_home + abroad)).astype(np.float32)


def _distances(generator: np.random.Generator, domestic: Booleans) -> Floats:
    median = np.where(domestic, np.float32(5.5), np.float32(8.2))
    return np.exp(median + 0.6 * normal(generator, len(domestic))).round()


def _seller_ratings(generator: np.random.Generator, shifts: Shifts, region: Integers) -> Floats:
    size = len(region)
    gap = shifts.rating_gap[region] * exponential(generator, size)
    rating = np.maximum(5 - gap, 1).round(1)
    return np.where(uniform(generator, size) < shifts.unrated[region], np.float32(np.nan), rating)


def draw_text_matches(generator: np.random.Generator, difficulty: Floats) -> Floats:
    """How well the texts of listings answer their queries.

    Args:
        generator: random numbers.
        difficulty: float [N], of the queries.

    Returns:
        float [N] in (0, 1).
    """
    odds = 0.4 - difficulty + 1.1 * normal(generator, len(difficulty))
    return (1 / (1 + np.exp(-odds))).round(3)


def _styles(generator: np.random.Generator, category: Integers) -> Floats:
    size = len(category)
    # Half of a category's listings come in its own style, the others in any.
    own = uniform(generator, size) < 0.5
    style = np.where(own, category % STYLES, generator.integers(0, STYLES, size))
    values = STYLE_CENTRES[style] + 0.3 * normal(generator, (size, STYLE_LENGTH))
    values[uniform(generator, size) < 0.02] = np.nan
    return values.round(3)
