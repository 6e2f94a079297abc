"""What listings teach: which key of a pair is the true one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.listings.listings import Listings
from models.attributes.keys import Keys
from models.attributes.ragged import Ragged


@dataclass(frozen=True)
class Targets:
    """The true keys of N listings.

    Attributes:
        keys: by listing, its true keys: a value that it states, or the null key of a pair that it
            is known, or taken, not to have. Its weight is the share of such listings that have the
            attribute all the same.
        unknown: values that are stated and not in the taxonomy, by attribute: how many.
    """

    keys: Ragged
    unknown: dict[str, int]

    @property
    def taught(self) -> np.ndarray:
        """int64, the listings that teach something."""
        return np.flatnonzero(np.diff(self.keys.starts))


def targets_of(listings: Listings, keys: Keys, left_out: float) -> Targets:
    """The true keys of listings.

    Where no listing of a category says outright that it has none of an attribute, those that are
    silent on it and state another one are taken as having none, but for a share.

    Args:
        listings: N listings.
        keys: the taxonomy.
        left_out: share of listings that have an attribute and do not state it.
    """
    pair_of = {pair: at for at, pair in enumerate(keys.taxonomy.pairs)}
    rows, found, shares = [], [], []
    unknown: Counter[str] = Counter()
    talkative = np.zeros(len(listings), bool)
    for stated in listings.stated.values():
        talkative[stated.listings] = True
    index = value_index(keys)
    for name, stated in listings.stated.items():
        pairs = pair_numbers(listings.categories, name, pair_of)
        place = index.get_indexer(
            value_names([listings.categories[at] for at in stated.listings], name, stated.values)
        )
        known = place >= 0
        unknown[name] += int((pairs[stated.listings] >= 0).sum() - known.sum())
        rows.append(stated.listings[known])
        found.append(keys.nulls + place[known])
        shares.append(np.zeros(int(known.sum())))
        none = np.flatnonzero(stated.absent & (pairs >= 0))
        told = np.unique(pairs[none])
        silent = np.flatnonzero(stated.empty & talkative & (pairs >= 0) & ~np.isin(pairs, told))
        rows += [none, silent]
        found += [pairs[none], pairs[silent]]
        shares += [np.zeros(len(none)), np.full(len(silent), left_out)]
    of_row = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    ids = np.concatenate(found) if found else np.zeros(0, np.int64)
    weights = np.concatenate(shares) if shares else np.zeros(0)
    ragged = Ragged.sorted(of_row, ids, weights.astype(np.float32), len(listings))
    return Targets(ragged, {name: count for name, count in unknown.items() if count})


def pair_numbers(
    categories: Sequence[str | None], name: str, pair_of: dict[tuple[str, str], int]
) -> np.ndarray:
    """int64 [N], the pair of each listing's category with an attribute; -1 where there is none."""
    codes, distinct = pd.factorize(np.array(categories, object))
    numbers = np.array([*(pair_of.get((one, name), -1) for one in distinct), -1], np.int64)
    return numbers[codes]


def value_index(keys: Keys) -> pd.Index:
    """The taxonomy's values as texts of category, attribute and value, in any case."""
    taxonomy = keys.taxonomy
    names = [taxonomy.pairs[pair] for pair in taxonomy.pair_of_value]
    texts = [
        f"{category}\t{name}\t{value.casefold()}"
        for (category, name), value in zip(names, taxonomy.texts, strict=True)
    ]
    # Of values that differ in case alone, the first one counts.
    index = pd.Index(texts, dtype=object)
    return index.where(~index.duplicated(), [f"\t{at}" for at in range(len(texts))])


def value_names(categories: Sequence[str | None], name: str, values: Sequence[str]) -> list[str]:
    """Values as `value_index` has them."""
    pairs = zip(categories, values, strict=True)
    return [f"{category}\t{name}\t{value.casefold()}" for category, value in pairs]
