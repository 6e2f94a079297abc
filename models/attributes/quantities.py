"""Numbers in texts, with their units."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from models.attributes.tokens import DIGIT, Tokens, tokens_of
from models.attributes.units import NO_UNIT, UNIT_NAMES, UNITS

_SIGNS = {'"': "inch", "'": "foot"}
_DENOMINATORS = (2, 3, 4, 5, 6, 8, 16, 32, 64)


@dataclass(frozen=True)
class Quantities:
    """Numbers with their units.

    Attributes:
        first: int64 [Q], the first token of each number: of `8` in `8 1/2 inches`.
        last: int64 [Q], the last token of it: `2`.
        after: int64 [Q], the token after number and unit; that of the next text at a text's end.
        values: float64 [Q].
        units: int64 [Q], place in `UNITS`, NO_UNIT where there is none.
    """

    first: np.ndarray
    last: np.ndarray
    after: np.ndarray
    values: np.ndarray
    units: np.ndarray


@cache
def _unit_words() -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the words of units, in order, and their units."""
    words = [(word, place) for place, unit in enumerate(UNITS) for word in unit[3].split()]
    hashes = tokens_of([word for word, _ in words]).hashes
    order = np.argsort(hashes)
    return hashes[order], np.array([place for _, place in words])[order]


def quantities_of(tokens: Tokens) -> Quantities:
    """The numbers of texts; `8 1/2`, `8-1/2` and `½` are one number each.

    Args:
        tokens: the texts.

    Returns:
        Their numbers, in the order of the texts.
    """
    numeric = tokens.kinds == DIGIT
    values = np.zeros(len(numeric))
    words = pd.Series(tokens.words(np.flatnonzero(numeric)), dtype=object)
    # Two points or more are a version or a telephone number: 0 here, which no unit changes.
    values[numeric] = pd.to_numeric(words, errors="coerce").fillna(0).to_numpy(float)
    between = _gaps(tokens)
    fraction = _fractions(tokens, numeric, values, between)
    whole = np.zeros(len(numeric), bool)
    whole[:-1] = numeric[:-1] & fraction[1:] & np.isin(between[1:], [ord(" "), ord("-")])
    mixed = np.r_[False, whole[:-1]]
    denominator = np.r_[False, fraction[:-1]]
    first = np.flatnonzero(numeric & ~denominator & ~mixed)
    last = first + fraction[first] + 2 * whole[first]
    part = first + whole[first]
    below = np.minimum(part + 1, len(values) - 1)
    halves = np.divide(
        values[part], values[below], where=values[below] > 0, out=np.zeros(len(part))
    )
    is_part = fraction[part]
    amount = np.where(is_part, halves + np.where(whole[first], values[first], 0), values[first])
    units, after = _units(tokens, last, between)
    return Quantities(first, last, after, amount, units)


def _gaps(tokens: Tokens) -> np.ndarray:
    """int64 [T], the character between a token and the one before; 0 for none, -1 for several."""
    if not len(tokens.starts):
        return np.zeros(0, np.int64)
    begin = tokens.kept[tokens.starts]
    width = np.diff(begin - 0, prepend=0) - 1
    width[1:] = begin[1:] - tokens.kept[tokens.ends[:-1] - 1] - 1
    between = tokens.characters[np.maximum(begin - 1, 0)].astype(np.int64)
    same = np.r_[False, tokens.texts[1:] == tokens.texts[:-1]]
    return np.where(width == 0, 0, np.where((width == 1) & same, between, -1))


def _fractions(
    tokens: Tokens, numeric: np.ndarray, values: np.ndarray, between: np.ndarray
) -> np.ndarray:
    """Bool [T], whether a token is the upper part of a fraction."""
    upper = np.zeros(len(numeric), bool)
    lower = numeric[1:] & (between[1:] == ord("/")) & np.isin(values[1:], _DENOMINATORS)
    upper[:-1] = numeric[:-1] & lower & (values[:-1] < values[1:]) & (values[:-1] > 0)
    return upper


def _units(tokens: Tokens, last: np.ndarray, between: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The unit after each number, and the token after that."""
    after = last + 1
    if not len(last):
        return after, after
    there = np.minimum(after, len(tokens.texts) - 1)
    near = (after == there) & (tokens.texts[there] == tokens.texts[last])
    near &= np.isin(between[there], [0, ord(" "), ord("-"), ord(".")])
    hashes, places = _unit_words()
    found = np.minimum(np.searchsorted(hashes, tokens.hashes[there]), len(hashes) - 1)
    named = near & (hashes[found] == tokens.hashes[there])
    units = np.where(named, places[found], NO_UNIT)
    signs = tokens.next_character()[last]
    for sign, name in _SIGNS.items():
        units[(signs == ord(sign)) & ~named] = UNIT_NAMES.index(name)
    return units, after + named
