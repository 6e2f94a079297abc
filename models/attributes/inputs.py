"""What the network reads of listings: bags of their texts, and places at which values stand."""

from dataclasses import dataclass

import numpy as np

from data.listings.listings import Listings
from models.attributes.bags import bags_of
from models.attributes.keys import Keys
from models.attributes.ragged import Ragged
from models.attributes.tokens import tokens_of


@dataclass(frozen=True)
class ListingInputs:
    """N listings, read.

    Attributes:
        bags: words and n-grams of each listing, with the logarithm of how often they are there.
        keys: the key of each place at which a value stands, by listing.
        places: int32 [K, F], hashed features of the places of `keys`.
    """

    bags: Ragged
    keys: Ragged
    places: np.ndarray

    @classmethod
    def of(cls, listings: Listings, keys: Keys, match_buckets: int) -> "ListingInputs":
        """Reads listings.

        Args:
            listings: N listings.
            keys: the taxonomy.
            match_buckets: number of features of places.
        """
        count = len(listings)
        tokens = tokens_of([*listings.titles, *listings.descriptions])
        rows = np.tile(np.arange(count), 2)
        bags = bags_of(tokens, rows, np.repeat([1, 0], count), keys.buckets)
        place = {name: at for at, name in enumerate(keys.finder.categories)}
        categories = np.array([place.get(name or "", -1) for name in listings.categories], np.int64)
        found = keys.finder.find(tokens, categories)
        order = np.argsort(found.listings, kind="stable")
        hashed = (found.features[order] % np.uint64(match_buckets)).astype(np.int32)
        values, weights = found.values[order], np.zeros(0, np.float32)
        starts = np.searchsorted(found.listings[order], np.arange(count + 1))
        often = 1 + np.log(bags.counts)
        of_rows = np.searchsorted(bags.rows, np.arange(count + 1))
        return cls(
            Ragged(of_rows, bags.ids.astype(np.int32), often),
            Ragged(starts, keys.nulls + values, weights),
            hashed,
        )

    def weighted(
        self,
        rows: np.ndarray,
        rarity: np.ndarray,
        drawing: np.random.Generator | None = None,
        dropout: float = 0.0,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The bags of some listings, with weights: (1 + log count) rarity, of length 1 a bag.

        Args:
            rows: int64 [B], the listings.
            rarity: float32 [buckets], weight of each word or n-gram.
            drawing: draws what is left out; None leaves nothing out.
            dropout: share of words and n-grams that is left out.

        Returns:
            Features, their weights, and which of the B each belongs to.
        """
        places, of_row = self.bags.take(rows)
        ids = self.bags.ids[places]
        weights = self.bags.weights[places] * rarity[ids]
        if drawing is not None:
            weights = weights * (drawing.random(len(weights)) >= dropout)
        size = np.sqrt(np.bincount(of_row, weights**2, len(rows)))
        there = weights > 0
        return ids[there], weights[there] / size[of_row[there]], of_row[there]

    def places_of(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The places in some listings that say one of some keys.

        Args:
            rows: int64 [B], the listings.
            columns: int64 [C], the keys.

        Returns:
            Features [K, F], and the place in [B, C] of each.
        """
        column = np.full(int(columns.max(initial=0)) + 2, -1)
        column[columns] = np.arange(len(columns))
        found, of_found = self.keys.take(rows)
        at = column[np.minimum(self.keys.ids[found], len(column) - 1)]
        said = at >= 0
        return self.places[found[said]], of_found[said] * len(columns) + at[said]


def rarity_of(inputs: ListingInputs, keys: Keys) -> np.ndarray:
    """How rare words and n-grams are: log((1 + N) / (1 + n)) for one in n of N listings.

    Args:
        inputs: the listings of the training.
        keys: the taxonomy.

    Returns:
        float32 [buckets], 0 for what neither the listings nor the taxonomy hold.
    """
    found = np.bincount(inputs.bags.ids, minlength=keys.buckets)
    count = len(inputs.bags.starts) - 1
    rarity = np.log((1 + count) / (1 + found))
    known = (found > 0) | (np.bincount(keys.bags.ids, minlength=keys.buckets) > 0)
    return np.where(known, rarity, 0).astype(np.float32)
