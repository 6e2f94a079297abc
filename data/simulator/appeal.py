"""What the users of a region want of a listing: log odds of each step of the funnel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.simulator.draws import Floats
from data.simulator.queries import Queries
from data.simulator.regions import APP, Tastes
from data.simulator.shifts import CATEGORY_LEVELS
from data.simulator.supply import Listings

# Of what a condition is worth to a region, in the log odds of a click.
CONDITION_WEIGHT = 0.8


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-values))."""
    return 1 / (1 + np.exp(-values))


@dataclass(frozen=True)
class Wish:
    """What a switch adds to what a region's users want of N items, each float [N] or None.

    Attributes:
        price: what the ideal log price gains.
        liking: what the log odds of a click gain.
    """

    price: Floats | None = None
    liking: Floats | None = None


class Appeal:
    """Effects of the listings on their users, and their sums for each step of the funnel.

    Args:
        queries: the B queries of a block.
        listings: its N listings.
        tastes: what people want by region.
        wishes: what switches add to it.
    """

    def __init__(
        self,
        queries: Queries,
        listings: Listings,
        tastes: Tastes,
        wishes: Sequence[Wish] = (),
    ) -> None:
        self.listings = listings
        self.tastes = tastes
        self.region = queries.region[listings.row]
        self.app = queries.platform[listings.row] == APP
        self.words = queries.words[listings.row]
        self.experience = np.log1p(queries.past_purchases[listings.row])
        paid = np.log(listings.price * (1 - listings.discount))
        ideal = tastes.price_ideal[self.region] + 0.15 * self.experience
        for wish in wishes:
            if wish.price is not None:
                ideal = ideal + wish.price
        self.liking = [wish.liking for wish in wishes if wish.liking is not None]
        self.dearness = paid - CATEGORY_LEVELS[listings.category] - ideal

    def click(self) -> Floats:
        """Log odds of a click on an examined listing, before the user's intent; float [N]."""
        cheap_or_dear = 1 - np.exp(-(self.dearness**2))
        # Photos count twice on the app.
        photo = np.where(self.app, np.float32(1.2), np.float32(0.6))
        popularity = self.listings.popularity
        odds = (
            -5.3
            + 2.2 * self.matching()
            - 1.8 * cheap_or_dear
            + 1.8 * self._style()
            + 0.7 * self._home()
            + 0.8 * self._discount()
            + CONDITION_WEIGHT * self.tastes.conditions[self.region, self.listings.condition]
            + photo * self.listings.photo_quality**2
            + 0.7 * popularity / (1 + popularity)
            + 0.5 * self.rating()
            + 0.3 * self._brand()
        )
        return sum(self.liking, start=odds)

    def cart(self) -> Floats:
        """Log odds of adding a clicked listing to the cart."""
        shipping = self.listings.shipping_cost
        heavy = shipping / self.listings.price
        return (
            -2.2
            - 0.9 * np.maximum(self.dearness, 0)
            - 1.3 * self._late()
            - 0.8 * sigmoid(20 * (heavy - 0.15))
            + 0.5 * (shipping == 0)
            + 1.0 * self._home()
            + 0.9 * self.rating()
            + 0.5 * self._style()
        )

    def purchase(self) -> Floats:
        """Log odds of purchasing a listing in the cart."""
        reviews = self.listings.review_count
        return (
            -2.3
            - 1.0 * self._late()
            + 1.1 * self._home()
            + 1.2 * self.rating()
            + 0.9 * reviews / (10 + reviews)
            + 0.8 * self.tastes.conditions[self.region, self.listings.condition]
            - 0.5 * (self.listings.discount > self.tastes.discount_ideal[self.region] + 0.2)
            + 0.4 * self._brand()
        )

    def matching(self) -> Floats:
        """How well the text answers the query; from 0 to 1."""
        # Longer queries ask for more.
        return sigmoid(12.0 * (self.listings.text_match - 0.45 - 0.03 * self.words))

    def _style(self) -> Floats:
        away = self.listings.style - self.tastes.style_ideal[self.region]
        squared = np.einsum("nd,nd->n", away, away)
        return np.where(np.isnan(squared), np.float32(0.2), np.exp(-squared / 1.2))

    def _home(self) -> Floats:
        bargain = self.tastes.bargain[self.region] * sigmoid(-6 * (self.dearness + 0.3))
        return np.where(self.listings.domestic, self.tastes.home[self.region], bargain)

    def _discount(self) -> Floats:
        away = self.listings.discount - self.tastes.discount_ideal[self.region]
        return np.exp(-((away / 0.15) ** 2)) * (self.listings.discount > 0)

    def rating(self) -> Floats:
        """How well the seller's rating is taken; from 0 to 1."""
        over = self.listings.seller_rating - self.tastes.rating_floor[self.region]
        # New sellers are doubted, less so by experienced users.
        unrated = np.minimum(0.2 + 0.15 * self.experience, 0.6)
        return np.where(np.isnan(over), unrated, sigmoid(6 * over))

    def _late(self) -> Floats:
        return sigmoid(self.listings.delivery_days - self.tastes.patience[self.region])

    def _brand(self) -> Floats:
        # The sine stands for a fixed reputation of each brand; no brand has none.
        return np.sin(2.4 * (self.listings.brand + 1)).astype(np.float32)
