"""Conditions that sellers leave empty: what is known of them, and what rankers make of that."""

import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.definition import keys
from data.definition.dataset import Dataset
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
        dataset: of the lists.
        lists: the lists.
        configs: the marketplaces that they are of.
    """

    def __init__(self, dataset: Dataset, lists: Lists, configs: Sequence[SimulatorConfig]) -> None:
        listings = ItemListings(files=("-",), taxonomy="-", attributes=(CONDITION,), item=ITEM)
        self._dataset = dataset.model_copy(update={"listings": listings})
        self._items = lists.items[keys.ITEM].to_numpy()
        self._configs = configs

    def told(self, lists: Lists, said: Said) -> Lists:
        """The lists with what is said of the condition.

        Args:
            lists: those that were given.
            said: `filled` or `true`.
        """
        known = self._filled if said == "filled" else self._true
        place = np.searchsorted(known.items, self._items)
        values = pc.fill_null(known.values[CONDITION].take(pa.array(place)), "")
        column = values.cast(lists.items[CONDITION].type)
        return Lists(
            lists.context,
            replace_column(lists.items, CONDITION, column),
            lists.row_lengths,
            lists.conflicts,
        )

    @cached_property
    def _logs(self) -> list[pa.Table]:
        """The logs of the items."""
        wanted = np.unique(self._items)
        found = []
        for config in self._configs:
            for table in simulate(config):
                items = ids_of(table, ITEM, "simulated")
                found.append(table.filter(pa.array(np.isin(items, wanted))))
        return found

    @cached_property
    def _true(self) -> ItemAttributes:
        logs = pa.concat_tables([table.select([ITEM, TRUE_CONDITION]) for table in self._logs])
        true = logs[TRUE_CONDITION].combine_chunks()
        return ItemAttributes.of(ids_of(logs, ITEM, "simulated"), {CONDITION: true})

    @cached_property
    def _filled(self) -> ItemAttributes:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            write_listings(self._logs, place)
            listings = ItemListings(
                files=(str(place / LISTINGS),),
                taxonomy=str(place / TAXONOMY),
                attributes=(CONDITION,),
                item=ITEM,
            )
            filled = fill_items(listings, folder)
            print(f"  {filled.attributes[CONDITION]}")
            return ItemAttributes.load(str(place / FILE_NAME), self._dataset)
