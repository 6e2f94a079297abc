"""The switch `drifting_region`: one region comes to like dearer items from day to day."""

import numpy as np

from data.simulator.appeal import Wish
from data.simulator.config import DAYS
from data.simulator.draws import Integers
from data.simulator.queries import DAY_MILLISECONDS, FIRST_DAY, Queries
from data.simulator.regions import REGIONS

# This region's ideal log price rises by so much over all days.
DRIFTING_REGION, DRIFT = REGIONS.index("GB"), 2.0


def drift(queries: Queries, row: Integers) -> Wish:
    """What the ideal log price has gained since the first day.

    Args:
        queries: the queries of a block.
        row: int [N], which of them each item answers.
    """
    days = (queries.shown_at - FIRST_DAY.timestamp() * 1000) / DAY_MILLISECONDS
    gained = np.where(queries.region == DRIFTING_REGION, DRIFT * days / DAYS, 0.0)
    return Wish(price=gained.astype(np.float32)[row])
