"""Ranks of items in their lists."""

import numpy as np

from data.metrics.ranked import item_ranks


def test_ranks_of_items_in_their_lists() -> None:
    scores = np.array([0.1, 0.9, 0.5, 2.0, 2.0, -np.inf])
    lists = np.array([0, 0, 0, 1, 1, 1])
    # .9 > .5 > .1; of the two of 2.0 the first stays first.
    np.testing.assert_array_equal(item_ranks(scores, lists), [3, 1, 2, 1, 2, 3])
    assert item_ranks(np.zeros(0), np.zeros(0, int)).size == 0
