"""Random draws that depend on the seed, the block and their purpose, and on nothing else."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


class Purpose(IntEnum):
    """What a stream of random numbers is for.

    Each purpose has a stream of its own, so that switching one effect off leaves the draws of all
    others as they were.
    """

    USERS = 0
    QUERIES = 1
    LISTINGS = 2
    ORDER = 3
    ACTIONS = 4
    NOISE = 5
    SKIPS = 6
    DELAYS = 7
    REFUNDS = 8
    CATALOGUE = 9
    SHELVES = 10
    STOCK = 11
    TASTES = 12
    PAST = 13
    SECOND_KIND = 14


def stream(seed: int, purpose: Purpose, block: int = 0) -> np.random.Generator:
    """The random numbers of one purpose in one block of lists."""
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(int(purpose), block))
    return np.random.Generator(np.random.PCG64(sequence))


def uniform(generator: np.random.Generator, size: int) -> Floats:
    """Numbers from [0, 1)."""
    return generator.random(size, dtype=np.float32)


def normal(generator: np.random.Generator, size: int | tuple[int, int]) -> Floats:
    """Standard normal numbers."""
    return generator.standard_normal(size, dtype=np.float32)


def exponential(generator: np.random.Generator, size: int) -> Floats:
    """Exponential numbers with mean 1."""
    return generator.standard_exponential(size, dtype=np.float32)


def choose(weights: Floats, rows: Integers, uniforms: Floats) -> Integers:
    """Draws one of K choices for each of N elements.

    Args:
        weights: float [R, K], the chances of each row; they need not sum to 1.
        rows: int [N], the row that each element draws from.
        uniforms: float [N] in [0, 1).

    Returns:
        int [N], indices in [0, K).
    """
    cumulative = np.cumsum(weights, axis=1, dtype=np.float64)
    cumulative /= cumulative[:, -1:]
    # Rows are laid end to end, so that one search serves them all.
    ends = (cumulative + np.arange(len(weights))[:, None]).ravel()
    found = np.searchsorted(ends, rows + uniforms.astype(np.float64), side="right")
    last = weights.shape[1] - 1
    return np.minimum(found - rows * weights.shape[1], last)
