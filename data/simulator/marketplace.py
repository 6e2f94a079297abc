"""The simulated marketplace: queries, listings, the shown order and what users do, as tables."""

import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from data.simulator.actions import TASKS, Funnel, Luck, act, examination, funnel
from data.simulator.catalogue import Catalogue
from data.simulator.columns import Columns, item_columns, list_columns, noise_columns
from data.simulator.config import DAYS, SIMULATOR_VERSION, SimulatorConfig
from data.simulator.draws import Booleans, Floats, Integers, Purpose, normal, stream, uniform
from data.simulator.drifting_region import drift
from data.simulator.feedback import Delays, seen_until, shown_before, time_columns, true_columns
from data.simulator.histories import UserTastes, draw_past_actions, draw_user_tastes
from data.simulator.past_actions import PastActions
from data.simulator.queries import Queries, draw_queries, draw_users
from data.simulator.regions import tastes
from data.simulator.second_kind import with_odds_of_shops, with_shops
from data.simulator.shifts import shifts
from data.simulator.silent_sellers import with_silent_sellers
from data.simulator.supply import Listings, draw_listings

# Lists that are drawn at once: enough for NumPy, few enough for the processor's cache.
LISTS_PER_BLOCK = 1_000


def in_shown_order(
    generator: np.random.Generator, queries: Queries, listings: Listings
) -> Listings:
    """Puts the listings of each list in the order in which they are shown.

    Args:
        generator: random numbers for this block.
        queries: the queries of the block.
        listings: its N listings in any order within their list.

    Returns:
        The listings in shown order.
    """
    score = _ranker_score(generator, listings)
    chance = uniform(generator, len(score))
    score = np.where(queries.randomised[listings.row], chance, score)
    return listings.take(np.lexsort((-score, listings.row)))


def positions(row: Integers) -> Integers:
    """Positions of listings in shown order, from 1.

    Args:
        row: int [N], the list of each, rising.
    """
    return np.arange(len(row)) - np.searchsorted(row, row) + 1


def _ranker_score(generator: np.random.Generator, listings: Listings) -> Floats:
    """Score of the ranker in place: noisy, and blind to regions."""
    noise = 1.3 * normal(generator, len(listings.row))
    popularity = np.log1p(listings.popularity)
    return (
        2.0 * listings.text_match
        + 0.8 * popularity
        - 0.02 * np.nan_to_num(listings.delivery_days)
        + noise
    )


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
    marketplace = _Marketplace(config)
    metadata = log_metadata(config)
    for block, start in enumerate(range(0, config.lists, LISTS_PER_BLOCK)):
        index = np.arange(start, min(start + LISTS_PER_BLOCK, config.lists))
        table = pa.table(marketplace.block(block, index))
        if config.silent_sellers:
            table = with_silent_sellers(config.seed, table)
        if config.seen_days < DAYS:
            table = shown_before(table, seen_until(config))
        if table.num_rows:
            yield table.replace_schema_metadata(metadata)


def log_metadata(config: SimulatorConfig) -> dict[str, str]:
    """Metadata that logs carry about their origin."""
    return {
        "simulator_version": str(SIMULATOR_VERSION),
        "simulator_config": json.dumps(config.described(), sort_keys=True),
    }


class _Marketplace:
    """What blocks of lists have in common, and what one leaves to the next.

    Args:
        config: the marketplace.
    """

    def __init__(self, config: SimulatorConfig) -> None:
        self._config = config
        self._shifts = shifts(config.regional_shifts)
        self._tastes = tastes(config.regional_tastes)
        self._users = draw_users(config)
        self._catalogue = Catalogue(config, self._shifts) if config.has_catalogue else None
        self._own: UserTastes | None = None
        self._past: PastActions | None = None
        if config.histories and self._catalogue:
            self._own = draw_user_tastes(config, self._users)
            self._past = draw_past_actions(
                config, self._shifts, self._tastes, self._users, self._own, self._catalogue
            )

    def block(self, block: int, index: Integers) -> Columns:
        """The columns of some lists.

        Args:
            block: number of the block.
            index: int [B], numbers of its lists.
        """
        config = self._config
        queries = draw_queries(config, self._shifts, self._users, block, index)
        drawn = self._listings(block, queries)
        listings = in_shown_order(stream(config.seed, Purpose.ORDER, block), queries, drawn)
        steps = self._steps(queries, listings)
        luck = Luck.draw(config.seed, block, len(listings.row))
        if self._catalogue:
            shown_at = queries.shown_at[listings.row]
            there = self._catalogue.on_sale.sell(listings, shown_at, luck.would_purchase(steps))
            listings, steps, luck = listings.take(there), steps.take(there), luck.take(there)
        position = positions(listings.row)
        platform = queries.platform[listings.row]
        examined = examination(position, platform, config.position_bias)
        done = act(config, block, steps, luck, examined)
        seen, later = self._later(block, queries, listings, steps, done)
        return {
            **list_columns(queries, listings.row),
            **item_columns(listings),
            **noise_columns(config, self._shifts, queries, listings.row, block),
            "position": pa.array(position.astype(np.int32)),
            **_task_columns(config, seen, steps),
            **later,
        }

    def _listings(self, block: int, queries: Queries) -> Listings:
        config = self._config
        if self._catalogue:
            return self._catalogue.draw(stream(config.seed, Purpose.CATALOGUE, block + 1), queries)
        drawn = draw_listings(stream(config.seed, Purpose.LISTINGS, block), self._shifts, queries)
        if not config.second_kind:
            return drawn
        generator = stream(config.seed, Purpose.SECOND_KIND, block)
        return with_shops(generator, drawn, queries.category[drawn.row])

    def _steps(self, queries: Queries, listings: Listings) -> Funnel:
        wishes = []
        if self._config.drifting_region:
            wishes.append(drift(queries, listings.row))
        if self._own:
            wishes.append(self._own.wish(queries.user[listings.row], listings))
        steps = funnel(queries, listings, self._tastes, self._config, wishes)
        if not self._config.second_kind:
            return steps
        return with_odds_of_shops(steps, queries, listings, self._tastes)

    def _later(
        self,
        block: int,
        queries: Queries,
        listings: Listings,
        steps: Funnel,
        done: list[Booleans],
    ) -> tuple[list[Booleans], Columns]:
        """What logs have seen of what was done, and the columns of switches that are on."""
        config = self._config
        columns: Columns = {}
        if config.late_feedback:
            delays = Delays.draw(config, block, queries, listings)
            done, columns = time_columns(config, queries, listings, delays, done)
            columns = {**columns, **true_columns(config, delays, steps.actions()[-1])}
        if self._own and self._past:
            self._past.add(queries, listings, done)
            histories, rows = self._past.columns(queries), pa.array(listings.row)
            columns |= {name: column.take(rows) for name, column in histories.items()}
            columns |= self._own.true_columns(queries.user[listings.row], listings)
        return done, columns


def _task_columns(config: SimulatorConfig, done: list[Booleans], steps: Funnel) -> Columns:
    logged = TASKS[: config.tasks]
    labels = dict(zip(TASKS, done, strict=True))
    truths = dict(zip(TASKS, steps.actions(), strict=True))
    return {
        **{task: pa.array(labels[task].astype(np.int8)) for task in logged},
        **{f"true_probability_{task}": pa.array(truths[task], pa.float32()) for task in logged},
    }
