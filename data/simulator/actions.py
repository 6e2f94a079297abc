"""What users do with the items that they examine: the funnel of click, add to cart and purchase.

An action's probability is a product along the funnel: of examining the item (by its position), of
a click, of adding to the cart after a click, of a purchase after that. Each of the latter three is
a sigmoid of a sum of nonlinear effects.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.simulator.appeal import Appeal, Wish, sigmoid
from data.simulator.config import SimulatorConfig
from data.simulator.draws import Booleans, Floats, Integers, Purpose, stream, uniform
from data.simulator.queries import Queries
from data.simulator.regions import Tastes
from data.simulator.skipped_steps import CART_SKIPPED, CLICK_SKIPPED, skip
from data.simulator.supply import Listings

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

    def take(self, places: np.ndarray) -> "Funnel":
        """The funnel of some of the items."""
        names = ("click", "cart", "purchase", "false_click")
        return replace(self, **{name: getattr(self, name)[places] for name in names})


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


def funnel(
    queries: Queries,
    listings: Listings,
    tastes: Tastes,
    config: SimulatorConfig,
    wishes: Sequence[Wish] = (),
) -> Funnel:
    """Probabilities of each step for the items of a block.

    Args:
        queries: the B queries of the block.
        listings: its N listings.
        tastes: what people want by region.
        config: whether items are clicked by accident, and whether steps are skipped.
        wishes: what switches add to the tastes.

    Returns:
        The probabilities, given that an item is examined.
    """
    row = listings.row
    appeal = Appeal(queries, listings, tastes, wishes)
    accident = FALSE_CLICKS * np.float32(config.false_clicks)
    return Funnel(
        click=sigmoid(appeal.click() + queries.intent[row]),
        cart=sigmoid(appeal.cart() + queries.intent[row]),
        purchase=sigmoid(appeal.purchase() + queries.intent[row]),
        false_click=accident[queries.platform[row]],
        click_skipped=CLICK_SKIPPED * config.skipped_steps,
        cart_skipped=CART_SKIPPED * config.skipped_steps,
    )


@dataclass(frozen=True)
class Luck:
    """Numbers from [0, 1) that decide what happens to N items, each float [N].

    Attributes:
        examined: an item is examined where this is below the probability of it.
        click: likewise clicked, and meant.
        cart: added to the cart after that.
        purchase: purchased after that.
        accident: clicked by accident.
    """

    examined: Floats
    click: Floats
    cart: Floats
    purchase: Floats
    accident: Floats

    @classmethod
    def draw(cls, seed: int, block: int, size: int) -> "Luck":
        """Draws the numbers of the items of a block."""
        generator = stream(seed, Purpose.ACTIONS, block)
        return cls(*(uniform(generator, size) for _ in range(5)))

    def take(self, places: np.ndarray) -> "Luck":
        """The numbers of some of the items."""
        numbers = (self.examined, self.click, self.cart, self.purchase, self.accident)
        return Luck(*(of_items[places] for of_items in numbers))

    def would_purchase(self, steps: Funnel) -> Booleans:
        """Which items are purchased if they are examined; bool [N]."""
        meant = (self.click < steps.click) & (self.cart < steps.cart)
        return meant & (self.purchase < steps.purchase)


def act(
    config: SimulatorConfig, block: int, steps: Funnel, luck: Luck, examined: Floats
) -> list[Booleans]:
    """What happens to each item: clicked, added to the cart, purchased.

    Args:
        config: whether steps are skipped.
        block: number of the block.
        steps: probabilities of N items.
        luck: what decides.
        examined: probability that each is examined, float [N].

    Returns:
        By task, bool [N].
    """
    seen = luck.examined < examined
    meant = seen & (luck.click < steps.click)
    carted = meant & (luck.cart < steps.cart)
    purchased = carted & (luck.purchase < steps.purchase)
    if config.skipped_steps:
        skips = stream(config.seed, Purpose.SKIPS, block)
        meant, carted = skip(skips, meant, carted, purchased)
    return [meant | (seen & (luck.accident < steps.false_click)), carted, purchased]
