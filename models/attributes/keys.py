"""A taxonomy as keys to search by: each value, and for each pair one that stands for none.

A pair is a category with one of its attributes. Parameters belong to names, by hashes of them: a
taxonomy that has grown is searched by a model that was trained before.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.listings.taxonomy import Taxonomy
from models.attributes.bags import bags_of
from models.attributes.matches import ValueFinder
from models.attributes.ragged import Ragged
from models.attributes.tokens import mix, tokens_hash, tokens_of


@dataclass(frozen=True)
class Keys:
    """The keys of a taxonomy with V values and P pairs: P null keys, then V values.

    Attributes:
        taxonomy: the taxonomy.
        buckets: number of features of their bags.
    """

    taxonomy: Taxonomy
    buckets: int

    @cached_property
    def finder(self) -> ValueFinder:
        """Finds the values in texts."""
        taxonomy = self.taxonomy
        return ValueFinder(taxonomy.texts, taxonomy.pair_of_value, taxonomy.pairs)

    @property
    def nulls(self) -> int:
        """Number of null keys: a value's key is so far behind its place in the taxonomy."""
        return len(self.taxonomy.pairs)

    @cached_property
    def pairs(self) -> np.ndarray:
        """int64 [P + V], the pair of each key."""
        return np.r_[np.arange(self.nulls), self.taxonomy.pair_of_value]

    @cached_property
    def by_category(self) -> dict[str, np.ndarray]:
        """int64, the keys of each category, pair by pair, its null key first."""
        order = np.argsort(self.pairs, kind="stable")
        categories = np.array([category for category, _ in self.taxonomy.pairs], object)
        of_key = categories[self.pairs[order]]
        return {name: order[of_key == name] for name in self.taxonomy.categories}

    @cached_property
    def sentences(self) -> list[str]:
        """What each key says, for encoders of sentences."""
        nulls = [f"A {category} without {name}" for category, name in self.taxonomy.pairs]
        names = [self.taxonomy.pairs[pair] for pair in self.taxonomy.pair_of_value]
        return nulls + [
            f"A {category} with {name} being {value}"
            for (category, name), value in zip(names, self.taxonomy.texts, strict=True)
        ]

    @cached_property
    def bags(self) -> Ragged:
        """Hashed features of each key: the value's words and n-grams, and what it is of."""
        texts, pair = self.taxonomy.texts, self.taxonomy.pair_of_value
        rows = np.arange(len(texts))
        bags = bags_of(tokens_of(texts), rows, np.zeros(len(texts), np.int64), self.buckets)
        share = 1 / np.sqrt(np.maximum(np.bincount(bags.rows, minlength=len(texts)), 1))
        of_pair = tokens_hash([f"{category}\t{name}" for category, name in self.taxonomy.pairs])
        of_name = tokens_hash([name for _, name in self.taxonomy.pairs])
        of_value = mix(tokens_hash(texts))
        own = [mix(of_pair[pair] ^ of_value, 31), mix(of_name[pair] ^ of_value, 32)]
        own += [mix(of_pair[pair], 33)]
        null = [mix(of_pair, 34), mix(of_name, 35), mix(of_pair, 33)]
        hashes = np.concatenate([*null, *own]) % np.uint64(self.buckets)
        key_rows = np.r_[np.tile(np.arange(self.nulls), 3), self.nulls + np.tile(rows, 3)]
        return Ragged.sorted(
            np.r_[self.nulls + bags.rows, key_rows],
            np.r_[bags.ids, hashes.astype(np.int64)],
            np.r_[share[bags.rows], np.ones(len(hashes))].astype(np.float32),
        )
