"""Where values of a taxonomy stand in texts: as they are, glued, in other units, inside numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.attributes.amounts import amounts_in_texts, amounts_of_values
from models.attributes.places import Places
from models.attributes.quantities import quantities_of
from models.attributes.tokens import DIGIT, Tokens, mix, tokens_hash, tokens_of

# Tokens of a value at most; a longer one is found by its n-grams alone.
_LONGEST = 12
# Digits of a number in which others are looked for, as a maker's number in an article number.
_LONG_NUMBER = 8

_SAID, _NUMBERS, _INSIDE, _AMOUNT = range(4)


@dataclass(frozen=True)
class Matches:
    """Places in listings that may say a value.

    Attributes:
        listings: int64 [M].
        values: int64 [M].
        features: uint64 [M, FEATURES], hashes of what each place is like.
    """

    listings: np.ndarray
    values: np.ndarray
    features: np.ndarray


class ValueFinder:
    """Finds the values of a taxonomy in texts.

    Args:
        texts: V values.
        pairs: int64 [V], the category and attribute of each.
        pair_names: the names of these.
    """

    def __init__(
        self, texts: Sequence[str], pairs: np.ndarray, pair_names: Sequence[tuple[str, str]]
    ) -> None:
        self._pairs = pairs
        categories = [category for category, _ in pair_names]
        self.categories = sorted(set(categories))
        self._category = np.array([self.categories.index(name) for name in categories], np.int64)
        self._attribute = tokens_hash([attribute for _, attribute in pair_names])
        self._pair = tokens_hash([f"{category}\t{name}" for category, name in pair_names])
        tokens = tokens_of(texts)
        counts = np.bincount(tokens.texts, minlength=len(texts))
        first = np.searchsorted(tokens.texts, np.arange(len(texts)))
        last = np.searchsorted(tokens.texts, np.arange(len(texts)), "right") - 1
        said = np.flatnonzero((counts > 0) & (counts <= _LONGEST))
        whole = tokens.spans(tokens.starts[first[said]], tokens.ends[last[said]])
        self._counts = counts
        self._lengths = np.zeros(len(counts), np.int64)
        self._lengths[said] = tokens.ends[last[said]] - tokens.starts[first[said]]
        self.longest = int(counts[said].max(initial=0)) + 2
        self._said = self._table(said, whole)
        numeric = tokens.kinds == DIGIT
        digits = np.bincount(tokens.texts, numeric, len(texts)).astype(np.int64)
        one_number = numeric & (digits[tokens.texts] == 1) & (counts[tokens.texts] > 1)
        self._numbers = self._table(tokens.texts[one_number], tokens.hashes[one_number])
        only = said[(counts[said] == 1) & numeric[first[said]] & (self._lengths[said] > 2)]
        self._inside = self._table(only, tokens.hashes[first[only]])
        self._inside_lengths = sorted({int(length) for length in self._lengths[only]})
        amounts, self._decimals = amounts_of_values(texts)
        self._amounts = self._table(amounts.quantities, amounts.keys)

    def _table(self, values: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values in order of their keys; a key counts in the value's own category alone."""
        keys = mix(keys + self._category[self._pairs[values]].astype(np.uint64), 7)
        order = np.argsort(keys, kind="stable")
        return keys[order], values[order]

    def find(self, tokens: Tokens, categories: np.ndarray) -> Matches:
        """Finds values.

        Args:
            tokens: titles of N listings, then their descriptions: 2 N texts.
            categories: int64 [N], place in `categories`; -1 for one that the taxonomy lacks.

        Returns:
            The places, a listing's own category only.
        """
        places = Places(tokens, categories)
        found = [
            self._said_places(places),
            *self._number_places(places),
            self._amount_places(places),
        ]
        first, last, after, values, kinds, details = (
            np.concatenate(column) for column in zip(*found, strict=True)
        )
        features = self._features(places, first, last, after, values, kinds, details)
        return Matches(places.listing[first], values, features)

    def said(self, tokens: Tokens, categories: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Finds values as they stand, letter by letter.

        Args:
            tokens: as for `find`.
            categories: as for `find`.

        Returns:
            Listings, and the value that each says.
        """
        places = Places(tokens, categories)
        first, _, _, values, _, _ = self._said_places(places)
        return places.listing[first], values

    def _look_up(
        self,
        table: tuple[np.ndarray, np.ndarray],
        places: Places,
        keys: np.ndarray,
        first: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which keys are those of values, and of which: as many times as there are values."""
        category = places.category[first]
        sorted_keys, values = table
        wanted = mix(keys + category.astype(np.uint64), 7)
        left = np.searchsorted(sorted_keys, wanted, "left")
        there = np.minimum(left, max(len(sorted_keys) - 1, 0))
        hit = (
            (category >= 0) & (sorted_keys[there] == wanted) if len(sorted_keys) else category < -1
        )
        which = np.flatnonzero(hit)
        count = np.searchsorted(sorted_keys, wanted[which], "right") - left[which]
        rows = np.repeat(which, count)
        offset = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
        return rows, values[left[rows] + offset]

    def _said_places(self, places: Places) -> tuple[np.ndarray, ...]:
        tokens = places.tokens
        starts, lasts = [], []
        every = np.arange(len(tokens.starts))
        for width in range(1, self.longest + 1):
            start = every[: max(len(every) - width + 1, 0)]
            start = start[tokens.texts[start] == tokens.texts[start + width - 1]]
            starts.append(start)
            lasts.append(start + width - 1)
        first, last = np.concatenate(starts), np.concatenate(lasts)
        keys = tokens.spans(tokens.starts[first], tokens.ends[last])
        rows, values = self._look_up(self._said, places, keys, first)
        first, last = first[rows], last[rows]
        detail = np.minimum(self._lengths[values], 9) * 4
        detail += (last - first + 1 != self._counts[values]) * 2
        return first, last, last + 1, values, np.full(len(rows), _SAID), detail

    def _number_places(self, places: Places) -> list[tuple[np.ndarray, ...]]:
        tokens = places.tokens
        numeric = np.flatnonzero(tokens.kinds == DIGIT)
        rows, values = self._look_up(self._numbers, places, tokens.hashes[numeric], numeric)
        at = numeric[rows]
        found: list[tuple[np.ndarray, ...]] = [
            (at, at, at + 1, values, np.full(len(at), _NUMBERS), at * 0)
        ]
        width = tokens.ends - tokens.starts
        long = numeric[width[numeric] >= _LONG_NUMBER]
        for length in self._inside_lengths:
            for offset in range(_LONG_NUMBER * 2 - length):
                of = long[width[long] >= length + offset]
                begin = tokens.starts[of] + offset
                keys = tokens.spans(begin, begin + length)
                rows, values = self._look_up(self._inside, places, keys, of)
                at = of[rows]
                detail = np.minimum(width[at], 31) * 32 + offset
                found.append((at, at, at + 1, values, np.full(len(at), _INSIDE), detail))
        return found

    def _amount_places(self, places: Places) -> tuple[np.ndarray, ...]:
        quantities = quantities_of(places.tokens)
        places.chain(quantities.first, quantities.after)
        amounts = amounts_in_texts(quantities, self._decimals)
        first = quantities.first[amounts.quantities]
        rows, values = self._look_up(self._amounts, places, amounts.keys, first)
        of = amounts.quantities[rows]
        kinds = np.full(len(rows), _AMOUNT)
        columns = (quantities.first[of], quantities.last[of], quantities.after[of])
        return (*columns, values, kinds, amounts.kinds[rows])

    def _features(
        self,
        places: Places,
        first: np.ndarray,
        last: np.ndarray,
        after: np.ndarray,
        values: np.ndarray,
        kinds: np.ndarray,
        details: np.ndarray,
    ) -> np.ndarray:
        tokens = places.tokens
        pair = self._pairs[values]
        pairs, attributes = self._pair[pair], self._attribute[pair]
        kind = mix(details.astype(np.uint64), 300) + kinds.astype(np.uint64)
        field = (tokens.texts[first] >= places.size).astype(np.uint64)
        before, before2 = places.token(first, -1), places.token(first, -2)
        next1, next2 = places.token(after, 0, first), places.token(after, 1, first)
        edges = places.edges(first, last)
        chain = places.chains[first].astype(np.uint64)
        where = np.minimum(places.position[first], 6).astype(np.uint64)
        columns = [
            mix(kind, 1),
            mix(kind + field, 2),
            mix(pairs ^ mix(kind), 3),
            mix(pairs ^ mix(kind + field), 4),
            mix(pairs ^ mix(next1), 5),
            mix(pairs ^ mix(next1) ^ mix(next2, 1), 6),
            mix(pairs ^ mix(before), 7),
            mix(pairs ^ mix(before) ^ mix(before2, 1), 8),
            mix(pairs ^ mix(chain), 9),
            mix(attributes ^ mix(next1), 10),
            mix(attributes ^ mix(before), 11),
            mix(pairs ^ mix(edges + field * np.uint64(64)), 12),
            mix(pairs ^ mix(where * np.uint64(2) + field), 13),
            mix(attributes ^ mix(chain), 14),
            mix(attributes ^ mix(kind), 15),
            mix(pairs ^ mix(edges) ^ mix(kind, 1), 16),
            mix(attributes ^ mix(kind + field, 1), 17),
            mix(attributes ^ mix(next1) ^ mix(next2, 1), 18),
            mix(attributes ^ mix(edges), 19),
            mix(attributes ^ mix(next1) ^ mix(kind, 1), 20),
            mix(attributes ^ mix(before) ^ mix(kind, 1), 21),
        ]
        return np.stack(columns, 1)
