"""Numbers in texts with their units, and what they are in other units."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from models.attributes.tokens import DIGIT, Tokens, mix, tokens_of

LENGTH, MASS, VOLUME, MEMORY = range(4)
NO_UNIT = -1

# Name, what it measures, its size in the first unit of that, and what texts call it.
_UNITS = (
    ("mm", LENGTH, 1.0, "mm millimeter millimeters millimetre millimetres"),
    ("cm", LENGTH, 10.0, "cm cms centimeter centimeters centimetre centimetres zentimeter"),
    ("m", LENGTH, 1000.0, "m meter meters metre metres mtr"),
    ("inch", LENGTH, 25.4, "in inch inches zoll pouces pulgadas"),
    ("foot", LENGTH, 304.8, "ft foot feet"),
    ("yard", LENGTH, 914.4, "yd yds yard yards"),
    ("g", MASS, 1.0, "g gm gms gr gram grams gramm grammes"),
    ("kg", MASS, 1000.0, "kg kgs kilo kilogram kilograms"),
    ("oz", MASS, 28.349523125, "oz ounce ounces"),
    ("lb", MASS, 453.59237, "lb lbs pound pounds"),
    ("ml", VOLUME, 1.0, "ml milliliter milliliters millilitre millilitres"),
    ("l", VOLUME, 1000.0, "l ltr liter liters litre litres"),
    ("KB", MEMORY, 1.0, "k kb kilobyte kilobytes"),
    ("MB", MEMORY, 1e3, "mb meg megabyte megabytes"),
    ("GB", MEMORY, 1e6, "gb gig gigabyte gigabytes"),
    ("TB", MEMORY, 1e9, "tb terabyte terabytes"),
)
_DIMENSION = np.array([unit[1] for unit in _UNITS])
_SIZE = np.array([unit[2] for unit in _UNITS])
_NAMES = [unit[0] for unit in _UNITS]
_SIGNS = {'"': "inch", "'": "foot"}
# What a number without a unit may be meant in.
_GUESSED = (("inch", "cm"), ("inch", "mm"), ("foot", "cm"))
_DENOMINATORS = (2, 3, 4, 5, 6, 8, 16, 32, 64)
# Catalogues round up, down and twice: 200 lb are 90.72 kg, and 90.6 with .453 for a pound.
_NEAR = 0.002


@dataclass(frozen=True)
class Quantities:
    """Numbers with their units.

    Attributes:
        first: int64 [Q], the first token of each number: of `8` in `8 1/2 inches`.
        last: int64 [Q], the last token of it: `2`.
        after: int64 [Q], the token after number and unit; that of the next text at a text's end.
        values: float64 [Q].
        units: int64 [Q], place in `_UNITS`, NO_UNIT where there is none.
    """

    first: np.ndarray
    last: np.ndarray
    after: np.ndarray
    values: np.ndarray
    units: np.ndarray


@cache
def _unit_words() -> tuple[np.ndarray, np.ndarray]:
    """Hashes of the words of units, in order, and their units."""
    words = [(word, place) for place, unit in enumerate(_UNITS) for word in unit[3].split()]
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
        units[(signs == ord(sign)) & ~named] = _NAMES.index(name)
    return units, after + named


@dataclass(frozen=True)
class _Conversions:
    """What a number with a unit may be as a plain one.

    Attributes:
        factors: float64 [U + 1, W], by unit, the last for none; 0 where there are fewer.
        kinds: int64 [U + 1, W], what is converted into what.
    """

    factors: np.ndarray
    kinds: np.ndarray


@cache
def _conversions() -> _Conversions:
    ways: list[list[tuple[float, str]]] = [
        [(size / other[2], f"{name}>{other[0]}") for other in _UNITS if other[1] == dimension]
        for name, dimension, size, _ in _UNITS
    ]
    ways[_NAMES.index("KB")].append((1000.0, "k>1"))
    sizes = dict(zip(_NAMES, _SIZE, strict=True))
    ways.append([(1.0, "as it is"), *((sizes[a] / sizes[b], f"{a}>{b}?") for a, b in _GUESSED)])
    names = sorted({name for unit in ways for _, name in unit})
    factors = np.zeros((len(ways), max(map(len, ways))))
    kinds = np.zeros(factors.shape, np.int64)
    for unit, found in enumerate(ways):
        factors[unit, : len(found)] = [factor for factor, _ in found]
        kinds[unit, : len(found)] = [names.index(name) for _, name in found]
    return _Conversions(factors, kinds)


@dataclass(frozen=True)
class Amounts:
    """Numbers as keys to look values up by.

    Attributes:
        quantities: int64 [K], which quantity each key is of.
        keys: uint64 [K].
        kinds: int64 [K], what was converted into what, and how near it is.
    """

    quantities: np.ndarray
    keys: np.ndarray
    kinds: np.ndarray


def amounts_in_texts(found: Quantities, decimals: Sequence[int]) -> Amounts:
    """All that numbers of texts may be in a taxonomy: in other units, rounded, nearly.

    Args:
        found: the numbers.
        decimals: numbers of decimals that values of the taxonomy have.

    Returns:
        The keys, several a number.
    """
    table = _conversions()
    parts = []
    converted = found.values[:, None] * table.factors[found.units]
    kinds = table.kinds[found.units]
    for places in decimals:
        exact = converted * 10.0**places
        rounded = np.rint(exact)
        for step in (-1, 0, 1):
            away = np.abs(rounded + step - exact)
            close = away <= _NEAR * exact
            valid = (rounded + step > 0) & (rounded < 1e12) & ((away < 1) | close)
            row, column = np.nonzero(valid & (table.factors[found.units] > 0))
            whole = (rounded + step)[row, column].astype(np.uint64)
            grade = 0 if step else 1 + close[row, column]
            parts.append((row, mix(whole, 100 + places), kinds[row, column] * 3 + grade))
    row, keys = _measured(found.values, found.units)
    parts.append((row, keys, np.full(len(row), -1)))
    return Amounts(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def amounts_of_values(values: Sequence[str]) -> tuple[Amounts, list[int]]:
    """Keys of those values of a taxonomy that are numbers, with or without a unit.

    Args:
        values: the values.

    Returns:
        Keys, a value's place as its quantity; and the numbers of decimals that plain ones have.
    """
    plain = [re.fullmatch(r"\d+(?:\.(\d+))?", value.strip()) for value in values]
    places = np.array([len(one[1] or "") if one else -1 for one in plain], np.int64)
    numbers = np.flatnonzero((places >= 0) & (places < 5))
    amount = np.array([float(values[place]) for place in numbers]) * 10.0 ** places[numbers]
    small = amount < 1e12
    numbers, amount = numbers[small], np.rint(amount[small]).astype(np.uint64)
    keys = np.zeros(len(numbers), np.uint64)
    for decimals in np.unique(places[numbers]):
        of_these = places[numbers] == decimals
        keys[of_these] = mix(amount[of_these], 100 + int(decimals))
    tokens = tokens_of(values)
    found = quantities_of(tokens)
    counts = np.bincount(tokens.texts, minlength=len(values))
    covered = found.after - found.first
    texts = tokens.texts[found.first]
    whole = (covered == counts[texts]) & (found.units != NO_UNIT)
    row, measured = _measured(found.values[whole], found.units[whole])
    all_places = np.r_[numbers, texts[whole][row]]
    all_keys = np.r_[keys, measured]
    kinds = np.zeros(len(all_keys), np.int64)
    return Amounts(all_places, all_keys, kinds), sorted({int(one) for one in places[numbers]})


def _measured(values: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys of amounts that have a unit, to five digits, whatever the unit."""
    row = np.flatnonzero((units != NO_UNIT) & (values > 0))
    base = values[row] * _SIZE[units[row]]
    power = np.floor(np.log10(base)).astype(np.int64)
    digits = np.rint(base / 10.0 ** (power - 4)).astype(np.int64)
    code = (digits * 64 + power + 16) * 8 + _DIMENSION[units[row]]
    return row, mix(code.astype(np.uint64), 200)
