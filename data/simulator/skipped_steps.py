"""The switch `skipped_steps`: some carts come without a click, some purchases without a cart.

Some who add to the cart do so from the list itself, and some who purchase do so at once: a funnel
that is not clean.
"""

import numpy as np

from data.simulator.draws import Booleans, uniform

# Shares of carts that skip the click and of purchases that skip the cart.
CLICK_SKIPPED, CART_SKIPPED = 0.25, 0.25


def skip(
    generator: np.random.Generator, meant: Booleans, carted: Booleans, purchased: Booleans
) -> tuple[Booleans, Booleans]:
    """Leaves out the clicks and carts that were skipped.

    Args:
        generator: random numbers for this block.
        meant: bool [N], clicks that were meant.
        carted: bool [N], carts.
        purchased: bool [N], purchases.

    Returns:
        bool [N] each: the clicks and the carts that leave a trace.
    """
    size = len(meant)
    meant = meant & ~(carted & (uniform(generator, size) < CLICK_SKIPPED))
    return meant, carted & ~(purchased & (uniform(generator, size) < CART_SKIPPED))
