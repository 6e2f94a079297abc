"""Where the items of training lists were shown, and which of them were acted on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import tensorflow as tf

from data.counterfactual.examination import (
    FEWEST_RANDOMISED,
    ActedLists,
    beginnings,
    first_position,
    fit_examination,
)
from data.definition import keys
from data.definition.dataset import Dataset
from data.metrics.ranked import Floats, Integers, list_of_item, list_sums

# Lists in random order that a curve is fitted to at most: their error is far below what matters.
_MOST_RANDOMISED = 50_000
_LISTS_AT_ONCE = 1024
_RANDOM = b"true"


@dataclass(frozen=True)
class ShownLists:
    """B lists of training with N items, and what was done to them.

    Attributes:
        positions: float [N], as they are logged; NaN where unknown.
        acted: float [N], 1 where an item was acted on in any way.
        row_lengths: int [B].
        weights: float [B].
        platforms: bytes [B].
        regions: bytes [B].
        randomised: bool [B].
    """

    positions: Floats
    acted: Floats
    row_lengths: Integers
    weights: Floats
    platforms: np.ndarray
    regions: np.ndarray
    randomised: np.ndarray

    @property
    def list_of_item(self) -> Integers:
        """Int [N]."""
        return list_of_item(self.row_lengths)

    def known(self, first: int) -> np.ndarray:
        """The lists of which all positions are known, bool [B]; they count from `first` on."""
        unknown = ~(self.positions >= first)
        return list_sums(unknown.astype(float), self.list_of_item, len(self.row_lengths)) == 0

    def take(self, chosen: np.ndarray) -> "ShownLists":
        """Some of the lists, bool [B]."""
        items = chosen[self.list_of_item]
        of_items = (self.positions[items], self.acted[items], self.row_lengths[chosen])
        of_lists = (self.weights, self.platforms, self.regions, self.randomised)
        return ShownLists(*of_items, *(values[chosen] for values in of_lists))


def shown_lists(files: Sequence[str], dataset: Dataset) -> Iterator[ShownLists]:
    """Reads positions and actions of lists, some at a time.

    Args:
        files: TFRecord files.
        dataset: names the tasks.
    """
    labels = [keys.label(task.name) for task in dataset.tasks]
    texts = (keys.LIST_PLATFORM, keys.LIST_REGION, keys.LIST_RANDOMISED)
    spec = {name: tf.io.RaggedFeature(tf.float32) for name in (*labels, keys.ITEM_POSITION)}
    spec |= {name: tf.io.FixedLenFeature([], tf.string, "") for name in texts}
    spec |= {keys.LIST_WEIGHT: tf.io.FixedLenFeature([], tf.float32, 1.0)}
    batches = tf.data.TFRecordDataset(list(files)).batch(_LISTS_AT_ONCE)
    for batch in batches.map(lambda lists: tf.io.parse_example(lists, spec)):
        lengths = batch[labels[0]].row_lengths().numpy()
        done = np.stack([batch[label].flat_values.numpy() for label in labels])
        yield ShownLists(
            positions=_positions(batch[keys.ITEM_POSITION], lengths),
            acted=(np.nan_to_num(done) > 0).any(axis=0).astype(float),
            row_lengths=lengths,
            weights=batch[keys.LIST_WEIGHT].numpy(),
            platforms=batch[keys.LIST_PLATFORM].numpy(),
            regions=batch[keys.LIST_REGION].numpy(),
            randomised=batch[keys.LIST_RANDOMISED].numpy() == _RANDOM,
        )


def _positions(found: tf.RaggedTensor, lengths: Integers) -> Floats:
    """One an item; NaN in lists that have none, or not as many as items."""
    rows = found.row_lengths().numpy()
    whole = rows == lengths
    positions = np.full(int(lengths.sum()), np.nan)
    positions[np.repeat(whole, lengths)] = found.flat_values.numpy()[np.repeat(whole, rows)]
    return positions


@dataclass(frozen=True)
class Shown:
    """What is known of all training lists together.

    Attributes:
        lists: how many they are.
        unknown: those with an unknown position.
        acted: those with an action.
        first: the number of the first position, see `first_position`.
        last: the last position, counted from 1.
        platforms: their names, ascending.
        regions: theirs.
        random: lists in random order whose positions are known, with an action; a part of many.
    """

    lists: int
    unknown: int
    acted: int
    first: Literal[0, 1]
    last: float
    platforms: tuple[str, ...]
    regions: tuple[str, ...]
    random: tuple[ShownLists, ...]

    @classmethod
    def of(cls, files: Sequence[str], dataset: Dataset) -> "Shown":
        """Reads them once.

        Args:
            files: TFRecord files of training lists.
            dataset: names the tasks.
        """
        lists = acted = held = 0
        unknown, begun = np.zeros(2, int), np.zeros(2, int)
        highest = 0.0
        platforms: set[bytes] = set()
        regions: set[bytes] = set()
        random: list[ShownLists] = []
        for part in shown_lists(files, dataset):
            number = len(part.row_lengths)
            lists += number
            known = part.known(0)
            unknown += [number - np.sum(part.known(first)) for first in (0, 1)]
            begun += beginnings(part.positions, part.list_of_item, number)
            highest = max(highest, part.positions[known[part.list_of_item]].max(initial=0.0))
            platforms.update(part.platforms.tolist())
            regions.update(part.regions.tolist())
            done = list_sums(part.acted, part.list_of_item, number) > 0
            acted += int(done.sum())
            if held < _MOST_RANDOMISED:
                random.append(part.take(part.randomised & done & known))
                held += len(random[-1].row_lengths)
        first = first_position(begun)
        return cls(
            lists=lists,
            unknown=int(unknown[first]),
            acted=acted,
            first=first,
            # Positions that are counted from 0 become positions from 1.
            last=float(highest) + 1 - first,
            platforms=tuple(sorted(name.decode() for name in platforms)),
            regions=tuple(sorted(name.decode() for name in regions)),
            random=tuple(part.take(part.known(first)) for part in random),
        )

    def random_slopes(self) -> Floats | None:
        """Slopes of examination by platform, float [P, J], as lists in random order say.

        Returns:
            None where fewer than 300 of their items were acted on.
        """
        if sum(part.acted.sum() for part in self.random) < FEWEST_RANDOMISED:
            return None
        positions, acted, row_lengths, weights, platforms = (
            np.concatenate([getattr(part, name) for part in self.random])
            for name in ("positions", "acted", "row_lengths", "weights", "platforms")
        )
        names = np.array([name.encode() for name in self.platforms], dtype=object)
        return fit_examination(
            ActedLists(
                acted=acted,
                positions=positions + 1 - self.first,
                chance=np.ones(len(acted)),
                row_lengths=row_lengths,
                weights=weights,
                platform=np.searchsorted(names, platforms),
                platforms=len(names),
            )
        ).slopes
