"""Texts as bags of hashed words and n-grams of characters."""

from dataclasses import dataclass

import numpy as np

from models.attributes.tokens import UNSPACED, Tokens, mix

_NGRAMS = (3, 4, 5)


@dataclass(frozen=True)
class Bags:
    """Hashed features of N texts.

    Attributes:
        rows: int64 [K], the text of each feature, ascending.
        ids: int64 [K], the feature, each once in a text, ascending in it.
        counts: float32 [K], how often it is there.
    """

    rows: np.ndarray
    ids: np.ndarray
    counts: np.ndarray


def bags_of(tokens: Tokens, rows: np.ndarray, fields: np.ndarray, buckets: int) -> Bags:
    """Words, pairs of words, and 3 to 5 characters within a word.

    Args:
        tokens: texts.
        rows: int64 [texts], where the features of each text go: title and description may go to
            one bag.
        fields: int64 [texts]; words of texts with another field than 0 are features of their own
            as well.
        buckets: number of features that hashes are mapped to.

    Returns:
        The bags.
    """
    text = tokens.texts
    parts = [(rows[text], mix(tokens.hashes, 21))]
    of_field = fields[text] > 0
    salted = mix(tokens.hashes + fields[text].astype(np.uint64), 22)
    parts.append((rows[text][of_field], salted[of_field]))
    first = np.flatnonzero(text[1:] == text[:-1])
    spans = tokens.spans(tokens.starts[first], tokens.ends[first + 1])
    parts.append((rows[text[first]], mix(spans, 23)))
    # Characters of one word, letters and digits alike: `60F1H00` is one.
    begins = ~tokens.glued | (tokens.kinds == UNSPACED)
    word = np.cumsum(np.repeat(begins, tokens.ends - tokens.starts) & _firsts(tokens))
    row = np.repeat(rows[text], tokens.ends - tokens.starts)
    for size in _NGRAMS:
        start = np.arange(max(len(word) - size + 1, 0))
        start = start[word[start] == word[start + size - 1]]
        parts.append((row[start], mix(tokens.spans(start, start + size), 24)))
    row = np.concatenate([part[0] for part in parts])
    ids = (np.concatenate([part[1] for part in parts]) % np.uint64(buckets)).astype(np.int64)
    key, counts = np.unique(row * buckets + ids, return_counts=True)
    return Bags(key // buckets, key % buckets, counts.astype(np.float32))


def _firsts(tokens: Tokens) -> np.ndarray:
    """Bool [kept characters], the first of each token."""
    first = np.zeros(len(tokens.kept), bool)
    first[tokens.starts] = True
    return first
