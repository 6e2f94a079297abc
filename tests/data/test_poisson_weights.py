import math

import numpy as np
import pyarrow as pa
import pytest

from data.poisson_weights import poisson_weights

USERS = pa.array([f"user {number}".encode() for number in range(5_000)])


def test_weights_depend_on_the_user_alone() -> None:
    weights = poisson_weights(USERS, 200)
    order = np.random.default_rng(0).permutation(len(USERS))
    np.testing.assert_array_equal(poisson_weights(USERS.take(pa.array(order)), 200), weights[order])
    few = pa.array([b"user 7", b"user 3", b"user 7"])
    np.testing.assert_array_equal(poisson_weights(few, 200), weights[[7, 3, 7]])


def test_more_replicates_keep_the_first_ones() -> None:
    np.testing.assert_array_equal(poisson_weights(USERS, 20), poisson_weights(USERS, 200)[:, :20])


@pytest.mark.parametrize("value", range(4))
def test_weights_are_poisson_with_mean_1(value: int) -> None:
    share = (poisson_weights(USERS, 200) == value).mean()
    # A million draws: the standard deviation of a share is 0.0005 at most.
    assert share == pytest.approx(math.exp(-1) / math.factorial(value), abs=0.0025)


def test_replicates_are_not_correlated() -> None:
    weights = poisson_weights(USERS, 50).astype(float)
    correlation = np.corrcoef(weights, rowvar=False) - np.eye(50)
    # 1 / sqrt(5000) = 0.014 a pair; 1,225 pairs reach 3.5 of that by chance.
    assert np.abs(correlation).max() < 5 / math.sqrt(5_000)
