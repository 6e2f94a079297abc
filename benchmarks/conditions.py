"""What empty conditions cost a ranker that knows all tastes, and what filling them saves.

    python -m benchmarks.conditions --lists 600 --seeds 5

Lists of the simulated marketplace are ranked by its own odds of a click: with every condition
known, with those that are stated, and with the others filled in. Where a condition is not known,
the odds take what conditions are worth in that region on average.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.command import run_command
from data.metrics.list_metrics import list_ndcg
from data.simulator import SimulatorConfig, simulate
from data.simulator.appeal import CONDITION_WEIGHT
from data.simulator.regions import REGIONS, TASTES
from data.simulator.shifts import CONDITIONS
from data.simulator.silent_sellers import (
    CONDITION,
    ITEM,
    LISTINGS,
    TAXONOMY,
    TRUE_CONDITION,
    write_listings,
)

AT = 10


def main() -> None:
    """Prints NDCG@10 of clicks by what is known, over all lists of some marketplaces."""
    options = _options()
    found: dict[str, list[np.ndarray]] = {}
    for seed in range(1, options.seeds + 1):
        # False clicks would hide the odds.
        config = SimulatorConfig(
            lists=options.lists, seed=seed, silent_sellers=True, false_clicks=False
        )
        logs = pa.concat_tables(simulate(config))
        known = {
            "none known": [None] * logs.num_rows,
            "30% withheld": logs[CONDITION].to_pylist(),
            "filled in": _filled(logs, options.epochs),
            "all known": logs[TRUE_CONDITION].to_pylist(),
        }
        for name, conditions in known.items():
            found.setdefault(name, []).append(ndcg_of(logs, conditions))
    for name, parts in found.items():
        values = np.concatenate(parts)
        half = 1.96 * values.std() / np.sqrt(len(values))
        print(f"{name}: {values.mean():.4f} +- {half:.4f} ({len(values):,} lists)")


def ndcg_of(logs: pa.Table, conditions: list[str | None]) -> np.ndarray:
    """NDCG@10 of clicks by the odds that some knowledge of the conditions leaves.

    Args:
        logs: lists of a marketplace with silent sellers and without false clicks.
        conditions: the condition of each item, as far as it is known.

    Returns:
        Float [B], by the true probabilities of a click.
    """
    truth = logs["true_probability_click"].to_numpy().astype(np.float64)
    region = _places(logs["country"].to_pylist(), REGIONS)
    true_places = _places(logs[TRUE_CONDITION].to_pylist(), CONDITIONS)
    worth = CONDITION_WEIGHT * TASTES.conditions[region, true_places]
    counts = np.maximum(np.bincount(region, minlength=len(REGIONS)), 1)
    usual = np.bincount(region, worth, len(REGIONS)) / counts
    said = np.array([name is not None for name in conditions], bool)
    places = _places([name or CONDITIONS[0] for name in conditions], CONDITIONS)
    supposed = np.where(said, CONDITION_WEIGHT * TASTES.conditions[region, places], usual[region])
    scores = np.log(truth / (1 - truth)) - worth + supposed
    starts = np.flatnonzero(logs["position"].to_numpy() == 1)
    return list_ndcg(truth, scores, np.diff([*starts, logs.num_rows]), AT)


def _filled(logs: pa.Table, epochs: int) -> list[str | None]:
    """The conditions as the listings of the logs state them, or as their texts say."""
    from data.definition.item_listings import ItemListings
    from data.listings.item_attributes import FILE_NAME
    from models.attributes.item_filling import fill_items

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write_listings([logs], place)
        listings = ItemListings(
            files=(str(place / LISTINGS),),
            taxonomy=str(place / TAXONOMY),
            attributes=(CONDITION,),
            item=ITEM,
            epochs=epochs,
        )
        found = fill_items(listings, folder).attributes[CONDITION]
        print(f"filled {found.filled:,} of {found.asked:,}, precision {found.precision:.3f}")
        return pq.read_table(place / FILE_NAME)[CONDITION].to_pylist()


def _places(names: Sequence[str], of: tuple[str, ...]) -> np.ndarray:
    place = {name: at for at, name in enumerate(of)}
    return np.array([place[name] for name in names], np.int64)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conditions", description=__doc__)
    parser.add_argument("--lists", type=int, default=600, help="of each marketplace")
    parser.add_argument("--seeds", type=int, default=5, help="marketplaces")
    parser.add_argument("--epochs", type=int, default=5, help="of the fill's training")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
