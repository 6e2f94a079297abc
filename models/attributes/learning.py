"""Learns to fill from listings that state attributes, and tells how right that is."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.errors import InputError
from data.files import write_whole
from data.listings.listings import ListingColumns, Listings, joined, listings_of
from data.listings.taxonomy import Taxonomy
from models.attributes.config import AttributeConfig
from models.attributes.measures import Counts, counts_of
from models.attributes.model import AttributeModel
from models.attributes.search import ValueSearch
from models.attributes.training import Progress, train

_MEASURED = "held_out.json"
# Of the training, the share before it goes on with all listings.
_FIRST = 5 / 6


@dataclass(frozen=True)
class TrainedFilling:
    """A model, and how right it was on listings that it had not been trained with by then.

    Attributes:
        model: the model.
        held_out: by category and attribute.
        trained: listings that it was trained with.
    """

    model: AttributeModel
    held_out: dict[tuple[str, str], Counts]
    trained: int

    def save(self, folder: str) -> None:
        """Writes model and measures to a folder; what is there under the same names is replaced."""
        counts = [[*pair, asdict(count)] for pair, count in self.held_out.items()]
        measured = {"trained": self.trained, "held_out": counts}
        write_whole(Path(folder) / _MEASURED, json.dumps(measured, ensure_ascii=False) + "\n")
        self.model.save(folder)

    @classmethod
    def load(cls, folder: str) -> "TrainedFilling":
        """Reads both from a folder.

        Raises:
            InputError: they are not there, or damaged.
        """
        model, path = AttributeModel.load(folder), Path(folder) / _MEASURED
        try:
            measured = json.loads(path.read_text())
            held_out = {
                (category, name): Counts(**count) for category, name, count in measured["held_out"]
            }
            return cls(model, held_out, int(measured["trained"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}: expected what seqmd fill-attributes wrote: {error}"
            ) from error


def train_filling(
    batches: Iterable[pa.Table],
    columns: ListingColumns,
    taxonomy: Taxonomy,
    config: AttributeConfig,
    progress: Progress = lambda share: None,
) -> TrainedFilling:
    """Trains a model on nine tenths of the listings, judges it on the others, and goes on with all.

    What the tenth says is of the model before it saw them, the weaker one.

    Args:
        batches: listings.
        columns: what the columns mean.
        taxonomy: the values.
        config: the encoder and its training.
        progress: is told how far it is.

    Returns:
        The model, and what the tenth says of it.

    Raises:
        InputError: no listing states a value of the taxonomy.
    """
    listings = taught_listings(batches, columns, taxonomy, config.most_listings)
    drawn = np.random.default_rng(config.seed).permutation(len(listings))
    kept = len(listings) // 10
    inside, outside = listings.take(np.sort(drawn[kept:])), listings.take(np.sort(drawn[:kept]))
    model = train(inside, taxonomy, config, lambda share: progress(_FIRST * share))
    held_out = counts_of(outside, ValueSearch(model, taxonomy).answers(outside))
    again = config.model_copy(update={"epochs": math.ceil(config.epochs / 5)})
    model = train(
        listings, taxonomy, again, lambda share: progress(_FIRST + (1 - _FIRST) * share), model
    )
    return TrainedFilling(model, held_out, len(listings))


def by_attribute(counts: Mapping[tuple[str, str], Counts]) -> dict[str, Counts]:
    """Counts of all categories together."""
    found: dict[str, Counts] = {}
    for (_, name), count in counts.items():
        found[name] = found.get(name, Counts()) + count
    return found


def below_precision(counts: Mapping[tuple[str, str], Counts], least: float) -> frozenset[str]:
    """Attributes that were filled with less precision, or not at all, on listings held out.

    Args:
        counts: by category and attribute.
        least: the least precision; 0 takes all.

    Returns:
        Their names.
    """
    found = by_attribute(counts) if least else {}
    return frozenset(name for name, one in found.items() if not one.precision >= least)


def taught_listings(
    batches: Iterable[pa.Table], columns: ListingColumns, taxonomy: Taxonomy, most: int
) -> Listings:
    """The listings that state an attribute; of too many, every second, fourth, ... one.

    Args:
        batches: listings.
        columns: what the columns mean.
        taxonomy: the values.
        most: how many are held.
    """
    kept: list[Listings] = []
    step, seen = 1, 0
    for table in batches:
        listings = listings_of(table, columns, taxonomy.attributes)
        states = np.zeros(len(listings), bool)
        for stated in listings.stated.values():
            states |= ~stated.empty
        rows = np.flatnonzero(states)
        number = seen + np.arange(len(rows))
        seen += len(rows)
        kept.append(listings.take(rows[number % step == 0]))
        while sum(map(len, kept)) > most:
            kept = [joined(kept)]
            kept = [kept[0].take(np.arange(0, len(kept[0]), 2))]
            step *= 2
    if not kept:
        raise InputError("--listings: expected listings, found none")
    return joined(kept)
