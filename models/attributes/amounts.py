"""What numbers of texts are in other units, as keys to look values of a taxonomy up by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.attributes.quantities import Quantities, quantities_of
from models.attributes.tokens import mix, tokens_of
from models.attributes.units import DIMENSIONS, NO_UNIT, SIZES, UNIT_NAMES, UNITS

# What a number without a unit may be meant in.
_GUESSED = (("inch", "cm"), ("inch", "mm"), ("foot", "cm"))
# Catalogues round up, down and twice: 200 lb are 90.72 kg, and 90.6 with .453 for a pound.
_NEAR = 0.002


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
        [(size / other[2], f"{name}>{other[0]}") for other in UNITS if other[1] == dimension]
        for name, dimension, size, _ in UNITS
    ]
    ways[UNIT_NAMES.index("KB")].append((1000.0, "k>1"))
    sizes = dict(zip(UNIT_NAMES, SIZES, strict=True))
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
    amount = (
        np.array([float(values[place]) for place in numbers.tolist()]) * 10.0 ** places[numbers]
    )
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
    base = values[row] * SIZES[units[row]]
    power = np.floor(np.log10(base)).astype(np.int64)
    digits = np.rint(base / 10.0 ** (power - 4)).astype(np.int64)
    code = (digits * 64 + power + 16) * 8 + DIMENSIONS[units[row]]
    return row, mix(code.astype(np.uint64), 200)
