import math

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import rankdata, zscore

from models.features import within_list

# Short lists are compared pair by pair, long or very uneven ones are sorted; one list alone has
# ways of its own.
LENGTHS = [[3, 0, 5, 1, 4], [300, 0, 2], [1], [40], [300], [0], [0, 0], []]


def draw(lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Three features with ties, negative numbers and both zeros, and which values there are."""
    generator = np.random.default_rng(3)
    items = sum(lengths)
    values = np.stack(
        [
            generator.normal(size=items),
            generator.integers(-2, 3, items) * 0.5,
            generator.choice([-0.0, 0.0, 1e-30, -1e30], items),
        ]
    ).astype(np.float32)
    return values, generator.random(values.shape) < 0.8


def by_list(lengths: list[int]) -> list[slice]:
    ends = np.cumsum(lengths, dtype=int)
    return [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]


@pytest.mark.parametrize("lengths", LENGTHS)
def test_percentiles_are_mean_ranks(lengths: list[int]) -> None:
    values, valid = draw(lengths)
    expected = np.zeros(values.shape)
    for rows in by_list(lengths):
        for found, value, known in zip(expected, values, valid, strict=True):
            ranks = rankdata(value[rows][known[rows]])
            found[rows][known[rows]] = (ranks - 0.5) / max(len(ranks), 1) - 0.5
    given = np.where(valid, values, np.nan).astype(np.float32)
    found = within_list.percentiles(tf.constant(given), valid, tf.constant(lengths, tf.int64))
    np.testing.assert_allclose(found, math.sqrt(12) * expected, atol=1e-6)


def test_percentiles_of_three_items() -> None:
    values = tf.constant([[7.0, 1.0, 7.0]])
    found = within_list.percentiles(values, values > 0, tf.constant([3], tf.int64))
    # Ranks 2.5, 1, 2.5 of 3: (2.5 - 0.5) / 3 = 2/3 and 0.5/3 = 1/6, less 1/2.
    expected = [[math.sqrt(12) / 6, -math.sqrt(12) / 3, math.sqrt(12) / 6]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_percentiles_mean_the_same_in_longer_lists() -> None:
    values = tf.range(25.0)[tf.newaxis]
    short = within_list.percentiles(values, values >= 0, tf.constant([25], tf.int64))
    many = tf.repeat(values, 40, axis=1)
    long = within_list.percentiles(many, many >= 0, tf.constant([1000], tf.int64))
    np.testing.assert_allclose(long[:, ::40], short, atol=1e-6)


@pytest.mark.parametrize("lengths", LENGTHS)
def test_standardised_is_the_z_score(lengths: list[int]) -> None:
    values, valid = draw(lengths)
    values = values[:2]
    valid = valid[:2]
    expected = np.zeros(values.shape)
    for rows in by_list(lengths):
        for found, value, known in zip(expected, values, valid, strict=True):
            chosen = value[rows][known[rows]].astype(np.float64)
            if len(np.unique(chosen)) > 1:
                found[rows][known[rows]] = zscore(chosen)
    given = np.where(valid, values, np.nan).astype(np.float32)
    found = within_list.standardised(tf.constant(given), valid, tf.constant(lengths, tf.int64))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_standardised_is_zero_where_all_are_equal() -> None:
    values = tf.fill([1, 300], 0.1)
    found = within_list.standardised(values, values > 0, tf.constant([300], tf.int64))
    assert not found.numpy().any()


def test_standardised_is_bounded() -> None:
    values = tf.constant([[1.0] + [0.0] * 999])
    found = within_list.standardised(values, values >= 0, tf.constant([1000], tf.int64))
    # One of n items alone: sqrt(n - 1) deviations, 31.6, cut at 5.
    assert found.numpy().max() == 5


def test_another_list_changes_nothing() -> None:
    values, valid = draw([5, 4])
    both = within_list.percentiles(values, valid, tf.constant([5, 4], tf.int64))
    alone = within_list.percentiles(values[:, 5:], valid[:, 5:], tf.constant([4], tf.int64))
    np.testing.assert_array_equal(both[:, 5:], alone)
