"""Weights of users in the replicates of a Poisson bootstrap."""

import math

import numpy as np
import pyarrow as pa

from data.hashing import text_hashes

_PURPOSE = "bootstrap"
# Constants of SplitMix64 (Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators",
# OOPSLA 2014): the stream's increment, and (shift, factor) of its two rounds of mixing.
_INCREMENT = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT = np.uint64(31)
# A Poisson(1) value above 18 has a probability below 2**-53, the resolution of the draws.
_CUMULATIVE = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(19)])


def poisson_weights(users: pa.Array, replicates: int) -> np.ndarray:
    """Draws each user's weight in each replicate: Poisson distributed with mean 1.

    A weight depends on nothing but the user's name and the replicate. Every list of a user gets the
    same weight, whatever the order of the lists, the number of workers or the model: intervals can
    be repeated, and those of two models are paired.

    Args:
        users: binary or string [B], the user of each list.
        replicates: number of replicates R.

    Returns:
        uint8 [B, R].

    Source:
        Chamandy et al., "Estimating Uncertainty for Massive Data Streams", Google, 2012.
    """
    seeds = text_hashes(users, _PURPOSE)[:, np.newaxis]
    steps = np.arange(1, replicates + 1, dtype=np.uint64) * _INCREMENT
    # 53 bits are what a float64 in [0, 1) holds exactly.
    uniform = (_mixed(seeds + steps) >> np.uint64(11)) * 2.0**-53
    return np.searchsorted(_CUMULATIVE, uniform, side="right").astype(np.uint8)


def _mixed(state: np.ndarray) -> np.ndarray:
    for shift, factor in _ROUNDS:
        state = (state ^ (state >> shift)) * factor
    return state ^ (state >> _LAST_SHIFT)
