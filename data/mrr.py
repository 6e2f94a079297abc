"""The one definition of the mean reciprocal rank."""

import numpy as np

from data.ranked import (
    Floats,
    Integers,
    TieGroups,
    group_sums,
    known_items,
    order_matters,
    tie_groups,
)


def list_mrr(gains: Floats, scores: Floats, row_lengths: Integers, at: int | None = None) -> Floats:
    """Reciprocal rank of the first relevant item of each list, expected over the order of ties.

    Only the first group of equal scores that holds a relevant item matters. With a items before
    the group, g in it and r of those relevant, the first relevant one is the k-th of the group
    with probability P(k) = C(g-k, r-1) / C(g, r), and the expected reciprocal rank is
    sum over k <= g-r+1 of P(k) / (a+k). Without ties it is 1 / rank.

    Args:
        gains: float [N], above 0 where relevant; NaN drops the item.
        scores: float [N].
        row_lengths: items of each list, int [B]; sums up to N.
        at: last rank that counts; None takes the whole list.

    Returns:
        float [B], NaN where a list has nothing relevant, or nothing else.

    Raises:
        ValueError: lengths do not fit, a gain is negative, or a score is NaN.
    """
    known, scores, rows = known_items(gains, scores, row_lengths)
    counts = order_matters(np.where(np.isnan(gains), np.nan, np.asarray(gains) > 0), row_lengths)
    groups = tie_groups(scores, rows)
    relevant = group_sums((known[groups.order] > 0).astype(np.float64), groups)
    found = np.flatnonzero(relevant)
    lists, earliest = np.unique(groups.row[found], return_index=True)
    result = np.full(len(row_lengths), np.nan)
    result[lists] = _expected_reciprocal_rank(groups, found[earliest], relevant, at)
    return np.where(counts, result, np.nan)


def _expected_reciprocal_rank(
    groups: TieGroups, chosen: Integers, relevant: Floats, at: int | None
) -> Floats:
    before = groups.rank[chosen] - 1
    size, hits = groups.size[chosen], relevant[chosen]
    probability = hits / size
    expected = np.zeros(len(chosen))
    for k in range(1, int((size - hits).max(initial=-1)) + 2):
        counted = True if at is None else before + k <= at
        expected += np.where(counted, probability / (before + k), 0)
        # P(k+1) / P(k); it is 0 from k = g-r+1 on.
        left = np.maximum(size - k, 1)
        probability = probability * np.maximum(size - k - hits + 1, 0) / left
    return expected
