"""Conditions that sellers leave empty: what is known of them, and what rankers make of that."""

import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.definition import keys
from data.definition.item_listings import ItemListings
from data.listings.item_attributes import FILE_NAME, ItemAttributes, ids_of
from data.lists.batches import replace_column
from data.lists.lists import Lists
from data.simulator import SimulatorConfig, simulate
from data.simulator.silent_sellers import (
    CONDITION,
    ITEM,
    LISTINGS,
    TAXONOMY,
    TRUE_CONDITION,
    write_listings,
)
from models.attributes.item_filling import fill_items

# What is said of the condition: what sellers state, that with the others filled in, or the truth.
Said = Literal["stated", "filled", "true"]


class Conditions:
    """What is known of the conditions of the items of lists.

    Args:
        lists: the lists.
        configs: the marketplaces that they are of.
    """

    def __init__(self, lists: Lists, configs: Sequence[SimulatorConfig]) -> None:
        self._items = lists.items[keys.ITEM].to_numpy()
        self._configs = tuple(configs)

    def told(self, lists: Lists, said: Said) -> Lists:
        """The lists with what is said of the condition.

        Args:
            lists: those that were given.
            said: `filled` or `true`.
        """
        known = (_filled if said == "filled" else _true)(self._configs, self._items.tobytes())
        place = np.searchsorted(known.items, self._items)
        values = pc.fill_null(known.values[CONDITION].take(pa.array(place)), "")
        column = values.cast(lists.items[CONDITION].type)
        return Lists(
            lists.context,
            replace_column(lists.items, CONDITION, column),
            lists.row_lengths,
            lists.conflicts,
        )


# A comparison looks at its logs before it trains, in another laboratory: filled once for both.
@lru_cache(maxsize=1)
def _filled(configs: tuple[SimulatorConfig, ...], items: bytes) -> ItemAttributes:
    """Conditions as sellers state them, and as the listings of the items tell the others."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write_listings(_logs(configs, items), place)
        listings = ItemListings(
            files=(str(place / LISTINGS),),
            taxonomy=str(place / TAXONOMY),
            attributes=(CONDITION,),
            item=ITEM,
        )
        found = fill_items(listings, folder).attributes[CONDITION]
        print(
            f"  {found.filled:,} of {found.asked:,} listings got a condition; on {found.judged:,} "
            f"held out: precision {found.precision:.3f}, recall {found.recall:.3f}"
        )
        rows = pq.read_table(place / FILE_NAME, columns=[ITEM, CONDITION])
    return ItemAttributes.of(ids_of(rows, ITEM, "filled"), _values(rows, CONDITION))


@lru_cache(maxsize=1)
def _true(configs: tuple[SimulatorConfig, ...], items: bytes) -> ItemAttributes:
    rows = pa.concat_tables(
        [table.select([ITEM, TRUE_CONDITION]) for table in _logs(configs, items)]
    )
    return ItemAttributes.of(ids_of(rows, ITEM, "simulated"), _values(rows, TRUE_CONDITION))


def _logs(configs: Sequence[SimulatorConfig], items: bytes) -> Iterator[pa.Table]:
    """The logs of the items."""
    wanted = np.unique(np.frombuffer(items, np.uint64))
    for config in configs:
        for table in simulate(config):
            found = np.isin(ids_of(table, ITEM, "simulated"), wanted)
            yield table.filter(pa.array(found))


def _values(rows: pa.Table, name: str) -> dict[str, pa.Array]:
    return {CONDITION: pa.concat_arrays(rows[name].chunks)}
