"""The simulated marketplace: queries, listings, the shown order and what users do, as tables."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pyarrow as pa

from data.simulator.actions import TASKS, Funnel, examination, funnel
from data.simulator.columns import Columns, item_columns, list_columns, noise_columns
from data.simulator.config import SIMULATOR_VERSION, SimulatorConfig
from data.simulator.draws import Booleans, Floats, Integers, Purpose, normal, stream, uniform
from data.simulator.feedback import Delays, time_columns, true_columns
from data.simulator.queries import Queries, Users, draw_queries, draw_users
from data.simulator.regions import tastes
from data.simulator.shifts import shifts
from data.simulator.supply import Listings, draw_listings

# Lists that are drawn at once: enough for NumPy, few enough for the processor's cache.
LISTS_PER_BLOCK = 1_000


def in_shown_order(
    generator: np.random.Generator, queries: Queries, listings: Listings
) -> tuple[Listings, Integers]:
    """Puts the listings of each list in the order in which they are shown.

    Args:
        generator: random numbers for this block.
        queries: the queries of the block.
        listings: its N listings in any order within their list.

    Returns:
        The listings in shown order, and int [N], their positions from 1.
    """
    score = _ranker_score(generator, listings)
    chance = uniform(generator, len(score))
    score = np.where(queries.randomised[listings.row], chance, score)
    order = np.lexsort((-score, listings.row))
    shown = replace(
        listings, **{field.name: getattr(listings, field.name)[order] for field in fields(listings)}
    )
    first = np.cumsum(queries.length) - queries.length
    return shown, np.arange(len(order)) - first[shown.row] + 1


def _ranker_score(generator: np.random.Generator, listings: Listings) -> Floats:
    """Score of the ranker in place: noisy, and blind to regions."""
    noise = 1.3 * normal(generator, len(listings.row))
    popularity = np.log1p(listings.popularity)
    return 2.0 * listings.text_match + 0.8 * popularity - 0.02 * listings.delivery_days + noise


def simulate(config: SimulatorConfig) -> Iterator[pa.Table]:
    """Simulates search logs.

    Every block of lists has random numbers of its own, so the logs depend on the configuration
    alone. An action's `true_probability_TASK` is its probability if the item is examined: position
    bias removed, false clicks left in, the product along the funnel. Within a list it depends on
    logged columns only. As items act independently, no order has a higher expected NDCG of a task
    than that by its true probability, as long as labels come from randomised traffic; where the
    shown order decides what is examined, a ranker can gain a little by guessing that order.

    Args:
        config: the marketplace.

    Yields:
        Tables of whole lists in the order of time, each list in shown order. Their metadata holds
        `simulator_version` and `simulator_config`.
    """
    users = draw_users(config)
    metadata = log_metadata(config)
    for block, start in enumerate(range(0, config.lists, LISTS_PER_BLOCK)):
        index = np.arange(start, min(start + LISTS_PER_BLOCK, config.lists))
        yield pa.table(_block(config, users, block, index)).replace_schema_metadata(metadata)


def log_metadata(config: SimulatorConfig) -> dict[str, str]:
    """Metadata that logs carry about their origin."""
    return {
        "simulator_version": str(SIMULATOR_VERSION),
        "simulator_config": json.dumps(config.described(), sort_keys=True),
    }


def _block(config: SimulatorConfig, users: Users, block: int, index: Integers) -> Columns:
    by_region = shifts(config.regional_shifts)
    queries = draw_queries(config, by_region, users, block, index)
    drawn = draw_listings(stream(config.seed, Purpose.LISTINGS, block), by_region, queries)
    order = stream(config.seed, Purpose.ORDER, block)
    listings, position = in_shown_order(order, queries, drawn)
    steps = funnel(queries, listings, tastes(config.regional_tastes), config)
    platform = queries.platform[listings.row]
    examined = examination(position, platform, config.position_bias)
    done = _act(config, block, steps, examined)
    later: Columns = {}
    if config.late_feedback:
        delays = Delays.draw(config, block, queries, listings)
        done, times = time_columns(config, queries, listings, delays, done)
        later = {**times, **true_columns(config, delays, steps.actions()[-1])}
    return {
        **list_columns(queries, listings.row),
        **item_columns(listings),
        **noise_columns(config, by_region, queries, listings.row, block),
        "position": pa.array(position.astype(np.int32)),
        **_task_columns(config, done, steps),
        **later,
    }


def _act(
    config: SimulatorConfig, block: int, steps: Funnel, examined: np.ndarray
) -> list[Booleans]:
    """Draws what happens to each item: clicked, added to the cart, purchased."""
    generator = stream(config.seed, Purpose.ACTIONS, block)
    size = len(examined)
    seen = uniform(generator, size) < examined
    meant = seen & (uniform(generator, size) < steps.click)
    carted = meant & (uniform(generator, size) < steps.cart)
    purchased = carted & (uniform(generator, size) < steps.purchase)
    accident = uniform(generator, size) < steps.false_click
    if config.skipped_steps:
        skips = stream(config.seed, Purpose.SKIPS, block)
        meant = meant & ~(carted & (uniform(skips, size) < steps.click_skipped))
        carted = carted & ~(purchased & (uniform(skips, size) < steps.cart_skipped))
    return [meant | (seen & accident), carted, purchased]


def _task_columns(config: SimulatorConfig, done: list[Booleans], steps: Funnel) -> Columns:
    logged = TASKS[: config.tasks]
    labels = dict(zip(TASKS, done, strict=True))
    truths = dict(zip(TASKS, steps.actions(), strict=True))
    return {
        **{task: pa.array(labels[task].astype(np.int8)) for task in logged},
        **{f"true_probability_{task}": pa.array(truths[task], pa.float32()) for task in logged},
    }
