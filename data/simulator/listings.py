"""A listing: all that an item has one value of."""

from dataclasses import dataclass

from data.simulator.draws import Booleans, Floats, Integers


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
