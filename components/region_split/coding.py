"""Codes of a feature's values, which distances between regions are measured on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from components.region_split.distances import CATEGORICAL, QUANTILES
from data.definition.codecs import codec
from data.definition.feature import Feature
from data.errors import InputError

MISSING = -1
# Numbers of a vector that are compared at most, evenly spread over it.
MOST_COMPONENTS = 64
# In units of sqrt(2 pi) deviations, the Wasserstein distance of two normal distributions that lie a
# little apart is their Kolmogorov-Smirnov distance, so that one threshold serves for both.
POOLED_SCALE = np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class Coded:
    """The values of a feature, or of one number of a vector.

    Attributes:
        measure: name of the distance.
        codes: int [N], below K; -1 where missing.
        lists: int [N], ascending; the list of each value.
        positions: float [K], ascending; the mean of what a code stands for, over the pooled scale
            of sqrt(2 pi) standard deviations; the rank of a category.
        component: which number of a vector, from 0; None for all other features.
    """

    measure: str
    codes: np.ndarray
    lists: np.ndarray
    positions: np.ndarray
    component: int | None = None


def list_places(column: pa.Array, length: int = 1) -> np.ndarray:
    """The list of each value (or vector) of a column of lists: int [N], ascending."""
    counts = np.diff(column.offsets.to_numpy())
    return np.repeat(np.arange(len(column)), counts // length)


def holds_texts(column: pa.Array) -> bool:
    """Whether a column of lists holds categories; else it holds numbers."""
    return not pa.types.is_floating(column.type.value_type)


def numbers(column: pa.Array, feature: Feature) -> np.ndarray:
    """Numbers of a feature: float [N, length], on a log scale where the feature asks for it.

    Args:
        column: list<float32> [S].
        feature: a numeric, bucketed or vector feature.

    Returns:
        The numbers; those that are not finite are NaN.

    Raises:
        InputError: the values do not come in vectors of that length.
    """
    length = codec(feature).width
    values = column.flatten().to_numpy(zero_copy_only=False)
    if len(values) % length:
        raise InputError(
            f"feature {feature.name!r}: expected vectors of length {length}, found"
            f" {len(values)} numbers"
        )
    values = np.where(np.isfinite(values), values, np.float32(np.nan)).reshape(-1, length)
    return np.sign(values) * np.log1p(np.abs(values)) if feature.log else values


def code_feature(
    column: pa.Array, feature: Feature, numeric_measure: str, most_values: int
) -> Iterator[Coded]:
    """Codes a feature; a vector number by number.

    Args:
        column: list<float32> or list<binary> [S].
        feature: the feature.
        numeric_measure: name of the distance of numbers.
        most_values: categories that are told apart, the most frequent ones.

    Yields:
        The values; once for each number of a vector, `MOST_COMPONENTS` at most.
    """
    if holds_texts(column):
        yield _code_categories(column, most_values)
        return
    lists = list_places(column, codec(feature).width)
    values = numbers(column, feature)
    length = values.shape[1]
    spread = np.linspace(0, length - 1, min(length, MOST_COMPONENTS))
    for component in spread.round().astype(int).tolist():
        coded = _code_numbers(values[:, component], lists, numeric_measure)
        yield replace(coded, component=component) if codec(feature).shape else coded


def rank_categories(column: pa.Array) -> tuple[np.ndarray, list[bytes]]:
    """Ranks categories by frequency; equally frequent ones by their bytes.

    Args:
        column: list<binary> [S]; the empty one is missing.

    Returns:
        Ranks int [N], -1 where missing, and the categories from the most frequent one on.
    """
    encoded = column.flatten().dictionary_encode()
    names, indices = encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
    counts = np.bincount(indices, minlength=len(names))
    present = [index for index, name in enumerate(names) if name]
    order = sorted(present, key=lambda index: (-counts[index], names[index]))
    ranks = np.full(len(names), MISSING)
    ranks[order] = np.arange(len(order))
    return ranks[indices], [names[index] for index in order]


def _code_categories(column: pa.Array, most_values: int) -> Coded:
    ranks, names = rank_categories(column)
    codes = np.minimum(ranks, most_values)
    positions = np.arange(min(len(names), most_values + 1), dtype=float)
    return Coded(CATEGORICAL, codes, list_places(column), positions)


def _code_numbers(values: np.ndarray, lists: np.ndarray, measure: str) -> Coded:
    finite = ~np.isnan(values)
    present = values[finite].astype(np.float64)
    # A code stands for (cut before, cut], so that cumulated shares are exact at the cuts.
    coded = np.searchsorted(_cuts(np.sort(present), QUANTILES[measure]), present)
    codes = np.full(len(values), MISSING)
    codes[finite] = coded
    scale = POOLED_SCALE * present.std() if len(present) else 0.0
    means = np.bincount(coded, present) / np.bincount(coded)
    return Coded(measure, codes, lists, means / (scale or 1.0))


def _cuts(ordered: np.ndarray, number: int) -> np.ndarray:
    """All values where there are few, else that many quantiles, the largest value among them."""
    distinct = ordered[np.diff(ordered, prepend=-np.inf) > 0]
    if len(distinct) <= number:
        return distinct
    places = np.ceil(np.arange(1, number + 1) * len(ordered) / number).astype(int) - 1
    return np.unique(ordered[places])
