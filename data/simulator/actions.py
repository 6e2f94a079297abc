"""What users do with the items that they examine: the funnel of click, add to cart and purchase.

An action's probability is a product along the funnel: of examining the item (by its position), of
a click, of adding to the cart after a click, of a purchase after that. Each of the latter three is
a sigmoid of a sum of nonlinear effects. Where steps are skipped, some who add to the cart do so
from the list itself, which leaves no click, and some who purchase do so at once, without a cart.
"""

from dataclasses import dataclass

import numpy as np

from data.simulator.config import DAYS, SimulatorConfig
from data.simulator.draws import Floats, Integers
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY, Queries
from data.simulator.regions import APP, DRIFT, DRIFTING_REGION, Tastes
from data.simulator.shifts import CATEGORY_LEVELS
from data.simulator.supply import Listings

TASKS = ("click", "add_to_cart", "purchase")
# Chance of an accidental click on an examined item, by platform.
FALSE_CLICKS = np.array([0.003, 0.02], dtype=np.float32)
# Shares of carts that skip the click and of purchases that skip the cart, where steps are skipped.
CLICK_SKIPPED, CART_SKIPPED = 0.25, 0.25
# The position at which attention begins to fade, by platform.
ATTENTION = np.array([6.0, 4.0], dtype=np.float32)


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-values))."""
    return 1 / (1 + np.exp(-values))


class Appeal:
    """Effects of the listings on their users, and their sums for each step of the funnel.

    Args:
        queries: the B queries of a block.
        listings: its N listings.
        tastes: what people want by region.
        drifts: whether one region comes to like dearer items.
    """

    def __init__(
        self, queries: Queries, listings: Listings, tastes: Tastes, drifts: bool = False
    ) -> None:
        self.listings = listings
        self.tastes = tastes
        self.region = queries.region[listings.row]
        self.app = queries.platform[listings.row] == APP
        self.words = queries.words[listings.row]
        self.experience = np.log1p(queries.past_purchases[listings.row])
        paid = np.log(listings.price * (1 - listings.discount))
        ideal = tastes.price_ideal[self.region] + 0.15 * self.experience
        if drifts:
            ideal = ideal + _drift(queries)[listings.row]
        self.dearness = paid - CATEGORY_LEVELS[listings.category] - ideal

    def click(self) -> Floats:
        """Log odds of a click on an examined listing, before the user's intent; float [N]."""
        cheap_or_dear = 1 - np.exp(-(self.dearness**2))
        # Photos count twice on the app.
        photo = np.where(self.app, np.float32(1.2), np.float32(0.6))
        popularity = self.listings.popularity
        return (
            -5.3
            + 2.2 * self._matching()
            - 1.8 * cheap_or_dear
            + 1.8 * self._style()
            + 0.7 * self._home()
            + 0.8 * self._discount()
            + 0.8 * self.tastes.conditions[self.region, self.listings.condition]
            + photo * self.listings.photo_quality**2
            + 0.7 * popularity / (1 + popularity)
            + 0.5 * self._rating()
            + 0.3 * self._brand()
        )

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
            + 0.9 * self._rating()
            + 0.5 * self._style()
        )

    def purchase(self) -> Floats:
        """Log odds of purchasing a listing in the cart."""
        reviews = self.listings.review_count
        return (
            -2.3
            - 1.0 * self._late()
            + 1.1 * self._home()
            + 1.2 * self._rating()
            + 0.9 * reviews / (10 + reviews)
            + 0.8 * self.tastes.conditions[self.region, self.listings.condition]
            - 0.5 * (self.listings.discount > self.tastes.discount_ideal[self.region] + 0.2)
            + 0.4 * self._brand()
        )

    def _matching(self) -> Floats:
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

    def _rating(self) -> Floats:
        over = self.listings.seller_rating - self.tastes.rating_floor[self.region]
        # New sellers are doubted, less so by experienced users.
        unrated = np.minimum(0.2 + 0.15 * self.experience, 0.6)
        return np.where(np.isnan(over), unrated, sigmoid(6 * over))

    def _late(self) -> Floats:
        return sigmoid(self.listings.delivery_days - self.tastes.patience[self.region])

    def _brand(self) -> Floats:
        # The sine stands for a fixed reputation of each brand; no brand has none.
        return np.sin(2.4 * (self.listings.brand + 1)).astype(np.float32)


def _drift(queries: Queries) -> Floats:
    """What the ideal log price has gained since the first day; float [B]."""
    days = (queries.shown_at - FIRST_DAY.timestamp() * 1000) / DAY_MILLISECONDS
    gained = np.where(queries.region == DRIFTING_REGION, DRIFT * days / DAYS, 0.0)
    return gained.astype(np.float32)


@dataclass(frozen=True)
class Funnel:
    """Probabilities of each step for N examined items, each float [N].

    Attributes:
        click: of a click that is meant.
        cart: of adding to the cart after such a click.
        purchase: of a purchase after adding to the cart.
        false_click: of an accidental click, which leads to nothing further.
        click_skipped: of leaving no click when adding to the cart; one number for all items.
        cart_skipped: of leaving no cart when purchasing, likewise.
    """

    click: Floats
    cart: Floats
    purchase: Floats
    false_click: Floats
    click_skipped: float = 0.0
    cart_skipped: float = 0.0

    def actions(self) -> list[Floats]:
        """True probabilities of each task's action for an examined item, each float [N].

        The false clicks are part of the click's probability: they are what logs record. They fall
        on all items of a list alike, so they change no order.
        """
        carted = self.click * self.cart
        meant, kept = self.click, carted
        if self.click_skipped or self.cart_skipped:
            meant = self.click - self.click_skipped * carted
            kept = carted * (1 - self.cart_skipped * self.purchase)
        clicked = meant + self.false_click - meant * self.false_click
        return [clicked, kept, carted * self.purchase]


def examination(position: Integers, platform: Integers, bias: bool) -> Floats:
    """Probability that an item is examined.

    (1 + (position - 1) / attention)^-0.5, 1 for the first position; 1 everywhere without bias.

    Args:
        position: int [N], counted from 1.
        platform: int [N], index in PLATFORMS.
        bias: whether there is position bias.

    Returns:
        float [N].
    """
    if not bias:
        return np.ones(len(position), dtype=np.float32)
    further = (position - 1).astype(np.float32) / ATTENTION[platform]
    return (1 + further) ** np.float32(-0.5)


def funnel(queries: Queries, listings: Listings, tastes: Tastes, config: SimulatorConfig) -> Funnel:
    """Probabilities of each step for the items of a block.

    Args:
        queries: the B queries of the block.
        listings: its N listings.
        tastes: what people want by region.
        config: whether items are clicked by accident, whether steps are skipped, and whether a
            region drifts.

    Returns:
        The probabilities, given that an item is examined.
    """
    row = listings.row
    appeal = Appeal(queries, listings, tastes, config.drifting_region)
    accident = FALSE_CLICKS * np.float32(config.false_clicks)
    return Funnel(
        click=sigmoid(appeal.click() + queries.intent[row]),
        cart=sigmoid(appeal.cart() + queries.intent[row]),
        purchase=sigmoid(appeal.purchase() + queries.intent[row]),
        false_click=accident[queries.platform[row]],
        click_skipped=CLICK_SKIPPED * config.skipped_steps,
        cart_skipped=CART_SKIPPED * config.skipped_steps,
    )
