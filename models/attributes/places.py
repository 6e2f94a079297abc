"""What stands around tokens of listings."""

import numpy as np

from models.attributes.tokens import Tokens, mix, tokens_of


class Places:
    """Tokens of a batch of listings, and what stands around them.

    Args:
        tokens: titles of N listings, then their descriptions.
        categories: int64 [N], the category of each.

    Attributes:
        tokens: the tokens [T].
        size: N.
        listing: int64 [T], the listing of each token.
        category: int64 [T], its category.
        position: int64 [T], its place in its text.
        chains: int64 [T], see `chain`.
    """

    def __init__(self, tokens: Tokens, categories: np.ndarray) -> None:
        self.tokens = tokens
        self.size = len(categories)
        self.listing = tokens.texts % max(self.size, 1)
        self.category = categories[self.listing] if self.size else self.listing
        count = len(tokens.texts)
        begin = np.searchsorted(tokens.texts, tokens.texts)
        self.position = np.arange(count) - begin
        self.chains = np.zeros(count, np.int64)
        padded = np.r_[tokens.characters, np.uint32(0)]
        start = tokens.kept[tokens.starts]
        self._before = np.where(start > 0, padded[start - 1], 0)
        self._after = tokens.next_character()
        self._hashes = tokens.hashes

    def token(self, at: np.ndarray, step: int, of: np.ndarray | None = None) -> np.ndarray:
        """uint64, hashes of tokens some places away in the same text; 0 beyond its ends."""
        if not len(self._hashes):
            return np.zeros(len(at), np.uint64)
        there = np.clip(at + step, 0, len(self._hashes) - 1)
        same = (there == at + step) & (
            self.tokens.texts[there] == self.tokens.texts[at if of is None else of]
        )
        return np.where(same, self._hashes[there], np.uint64(0))

    def edges(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """uint64, the characters on both sides of places."""
        return mix(self._before[first].astype(np.uint64)) ^ mix(
            self._after[last].astype(np.uint64), 1
        )

    def chain(self, first: np.ndarray, after: np.ndarray) -> None:
        """Counts the numbers of `3 x 4 x 5`: place in the chain, and its length."""
        if len(first) < 2:
            return
        cross = tokens_of(["x", "by"]).hashes
        cross_at = np.cumsum(np.r_[0, np.isin(self._hashes, cross)])
        near = first[1:] - after[:-1] <= 2
        linked = near & (cross_at[first[1:]] > cross_at[after[:-1]])
        linked &= self.tokens.texts[first[1:]] == self.tokens.texts[first[:-1]]
        group = np.cumsum(np.r_[True, ~linked])
        size = np.bincount(group)[group]
        start = np.searchsorted(group, group)
        place = np.arange(len(group)) - start
        self.chains[first] = np.minimum(place, 4) * 8 + np.minimum(size, 5)
