"""When actions are done, which purchases are sent back, and what logs of some day have seen of it.

The delay of a purchase follows a Weibull distribution whose scale depends on the item, the region
and the platform, cut off at the end of its window; so does that of sending it back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.simulator.actions import TASKS
from data.simulator.appeal import sigmoid
from data.simulator.config import SimulatorConfig
from data.simulator.draws import Booleans, Floats, Purpose, exponential, stream, uniform
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY, Queries
from data.simulator.regions import APP, REGIONS
from data.simulator.supply import Listings

Columns = dict[str, pa.Array]

# The task of purchases that are not sent back, and the column with the time of that.
KEPT, SENT_BACK_AT = "kept", "sent_back_at"
# Days from the list within which purchases come, and within which they are sent back.
PURCHASE_DAYS, KEPT_DAYS = 7, 14
# Users of this region take four times as long to purchase and to send back.
SLOW_REGION = REGIONS.index("DE")
_SLOWER, _FASTER_ON_APP = 4.0, 0.6
# Mean minutes from list to click, and from click to cart.
_CLICK_MINUTES, _CART_MINUTES = 1.0, 10.0
# Stands for no delay at all: less than a millisecond, which times are given in.
_SHORTEST = 1e-10
# Below 1, many come at once and some very late.
_SHAPE = 0.8


@dataclass(frozen=True)
class Delays:
    """When what happens to N items happens, each float64 [N], in days since the list was shown.

    Attributes:
        actions: by task, of the action, were it done.
        sent_back: of sending the item back, were it; infinite where it is not.
        refund_rate: probability that a purchase is sent back.
        median: median of the purchase's delay.
    """

    actions: dict[str, Floats]
    sent_back: Floats
    refund_rate: Floats
    median: Floats

    @classmethod
    def draw(
        cls, config: SimulatorConfig, block: int, queries: Queries, listings: Listings
    ) -> "Delays":
        """Draws the delays of a block.

        Args:
            config: the marketplace.
            block: number of the block.
            queries: its queries.
            listings: its N listings, in shown order.
        """
        size = len(listings.row)
        generator = stream(config.seed, Purpose.DELAYS, block)
        longer = max(config.delay_scale, _SHORTEST)
        click, cart = longer * _CLICK_MINUTES / 1440, longer * _CART_MINUTES / 1440
        clicked: Floats = click * exponential(generator, size).astype(float)
        carted = clicked + cart * exponential(generator, size)
        carted = np.minimum(carted, 0.5 * PURCHASE_DAYS)
        scale = longer * _purchase_scale(queries, listings)
        longest = np.full(size, float(PURCHASE_DAYS))
        purchased = carted + _weibull(uniform(generator, size), scale, longest - carted)
        refunds = stream(config.seed, Purpose.REFUNDS, block)
        rate = refund_rate(listings) * np.float32(config.refunds)
        is_sent_back = uniform(refunds, size) < rate
        refund_scale = longer * _refund_scale(queries, listings)
        away = _weibull(uniform(refunds, size), refund_scale, KEPT_DAYS - purchased)
        return cls(
            dict(zip(TASKS, (clicked, carted, purchased), strict=True)),
            np.where(is_sent_back, purchased + away, np.inf),
            rate,
            _weibull(np.full(size, 0.5, np.float32), scale, longest),
        )


def refund_rate(listings: Listings) -> Floats:
    """Probability that a purchase is sent back; float [N].

    Good photos, which raise clicks, also promise more than some listings hold.
    """
    unrated = np.isnan(listings.seller_rating)
    return sigmoid(-2.8 + 3.2 * listings.photo_quality**2 + 0.5 * unrated)


def _purchase_scale(queries: Queries, listings: Listings) -> Floats:
    """Scale of a purchase's delay in days: dear items are thought over."""
    thought_over = 0.5 * (np.nan_to_num(np.log(listings.price), nan=3.5) - 3.5)
    return 2.0 * np.exp(thought_over) * _pace(queries, listings)


def _refund_scale(queries: Queries, listings: Listings) -> Floats:
    """Scale of a refund's delay in days: the item has to arrive first."""
    return (1.0 + 0.3 * np.nan_to_num(listings.delivery_days)) * _pace(queries, listings)


def _pace(queries: Queries, listings: Listings) -> Floats:
    region, platform = queries.region[listings.row], queries.platform[listings.row]
    slower = np.where(region == SLOW_REGION, _SLOWER, 1.0)
    return slower * np.where(platform == APP, _FASTER_ON_APP, 1.0)


def _weibull(uniforms: Floats, scale: Floats, longest: Floats) -> Floats:
    """Weibull numbers of some scale that are below `longest`; float64 [N]."""
    within = -np.expm1(-((longest / scale) ** _SHAPE))
    exponentials = -np.log1p(-uniforms.astype(float) * within)
    return scale * exponentials ** (1 / _SHAPE)


def time_columns(
    config: SimulatorConfig,
    queries: Queries,
    listings: Listings,
    delays: Delays,
    done: list[Booleans],
) -> tuple[list[Booleans], Columns]:
    """What logs have seen of the actions, and when these were done.

    Args:
        config: until when logs have been seen.
        queries: the queries of the block.
        listings: its N listings.
        delays: when what happens happens.
        done: by task, bool [N], what will have been done in the end.

    Returns:
        By task, bool [N], what has been seen; and the columns of times, null for what has not.
    """
    shown_at = queries.shown_at[listings.row]
    until = int(FIRST_DAY.timestamp() * 1000) + int(config.seen_days * DAY_MILLISECONDS)
    seen, columns = [], {}
    for task, happens in zip(TASKS, done, strict=True):
        at = shown_at + (delays.actions[task] * DAY_MILLISECONDS).astype(np.int64)
        seen.append(happens & (at <= until))
        if task in TASKS[: config.tasks]:
            columns[f"{task}_at"] = _times(at, seen[-1])
    if config.refunds:
        back = np.where(np.isfinite(delays.sent_back), delays.sent_back, 0) * DAY_MILLISECONDS
        at = shown_at + back.astype(np.int64)
        sent_back = seen[-1] & np.isfinite(delays.sent_back) & (at <= until)
        columns[SENT_BACK_AT] = _times(at, sent_back)
    return seen, columns


def true_columns(config: SimulatorConfig, delays: Delays, purchase: Floats) -> Columns:
    """What only the simulation knows of delays and refunds.

    Args:
        config: whether purchases are sent back.
        delays: of N items.
        purchase: true probabilities of a purchase, float [N].
    """
    columns = {"true_purchase_days": pa.array(delays.median, pa.float32())}
    if config.refunds:
        columns["true_refund_rate"] = pa.array(delays.refund_rate, pa.float32())
        kept = purchase * (1 - delays.refund_rate)
        columns[f"true_probability_{KEPT}"] = pa.array(kept, pa.float32())
    return columns


def seen_until(config: SimulatorConfig) -> datetime:
    """Until when logs have been seen."""
    return FIRST_DAY + timedelta(days=config.seen_days)


def shown_before(table: pa.Table, moment: datetime) -> pa.Table:
    """The rows of lists that were shown before some moment."""
    limit = pa.scalar(moment, table["shown_at"].type)
    return table.filter(pc.less(table["shown_at"], limit))


def _times(milliseconds: np.ndarray, known: Booleans) -> pa.Array:
    return pa.array(milliseconds, pa.timestamp("ms", tz="UTC"), mask=~known)
