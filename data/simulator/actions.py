"""What users do with the items that they examine: the funnel of click, add to cart and purchase.

An action's probability is a product along the funnel: of examining the item (by its position), of
a click, of adding to the cart after a click, of a purchase after that. Each of the latter three is
a sigmoid of a sum of nonlinear effects.
"""

from dataclasses import dataclass

import numpy as np

from data.simulator.appeal import Appeal, sigmoid
from data.simulator.draws import Floats, Integers
from data.simulator.listings import Listings
from data.simulator.queries import Queries
from data.simulator.tastes import Tastes

TASKS = ("click", "add_to_cart", "purchase")
# Chance of an accidental click on an examined item, by platform.
FALSE_CLICKS = np.array([0.003, 0.02], dtype=np.float32)
# The position at which attention begins to fade, by platform.
ATTENTION = np.array([6.0, 4.0], dtype=np.float32)


@dataclass(frozen=True)
class Funnel:
    """Probabilities of each step for N examined items, each float [N].

    Attributes:
        click: of a click that is meant.
        cart: of adding to the cart after such a click.
        purchase: of a purchase after adding to the cart.
        false_click: of an accidental click, which leads to nothing further.
    """

    click: Floats
    cart: Floats
    purchase: Floats
    false_click: Floats

    def actions(self) -> list[Floats]:
        """True probabilities of each task's action for an examined item, each float [N].

        The false clicks are part of the click's probability: they are what logs record. They fall
        on all items of a list alike, so they change no order.
        """
        carted = self.click * self.cart
        clicked = self.click + self.false_click - self.click * self.false_click
        return [clicked, carted, carted * self.purchase]


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


def funnel(queries: Queries, listings: Listings, tastes: Tastes, false_clicks: bool) -> Funnel:
    """Probabilities of each step for the items of a block.

    Args:
        queries: the B queries of the block.
        listings: its N listings.
        tastes: what people want by region.
        false_clicks: whether items are clicked by accident.

    Returns:
        The probabilities, given that an item is examined.
    """
    row = listings.row
    appeal = Appeal(queries, listings, tastes)
    accident = FALSE_CLICKS * np.float32(false_clicks)
    return Funnel(
        click=sigmoid(appeal.click() + queries.intent[row]),
        cart=sigmoid(appeal.cart() + queries.intent[row]),
        purchase=sigmoid(appeal.purchase() + queries.intent[row]),
        false_click=accident[queries.platform[row]],
    )
