"""NDCG and MRR of lists: the one definition for trainer, Evaluator and benchmarks."""

import numpy as np

from data.metrics.ranked import (
    Floats,
    Integers,
    TieGroups,
    group_sums,
    known_items,
    order_matters,
    tie_groups,
)

__all__ = ["list_mrr", "list_ndcg", "random_ndcg"]


def list_ndcg(
    gains: Floats, scores: Floats, row_lengths: Integers, at: int | None = None
) -> Floats:
    """NDCG of each list: DCG by the scores over DCG by the gains.

    DCG = sum over ranks of discount(rank) * gain, discount(rank) = 1 / log2(rank + 1).
    Items with equal scores share the mean of their gains over the ranks they take together, so
    DCG is its own expected value under a random order of equal scores, and a constant score earns
    what a random order earns. Gains are taken as they are: 2^relevance - 1, see
    `data.metrics.relevance.gain`.

    Args:
        gains: float [N], the items of all lists one after the other; NaN drops the item.
        scores: float [N].
        row_lengths: items of each list, int [B]; sums up to N.
        at: last rank that counts; None takes the whole list.

    Returns:
        float [B], NaN where a list does not count, see `data.metrics.ranked.order_matters`.

    Raises:
        ValueError: lengths do not fit, a gain is negative, a score is NaN, `at` is below 1.

    Source:
        Järvelin and Kekäläinen 2002; ties: McSherry and Najork 2008, Eq. 7.
    """
    if at is not None and at < 1:
        raise ValueError(f"at: expected a rank of at least 1, found {at}")
    known, scores, rows = known_items(gains, scores, row_lengths)
    counts = order_matters(gains, row_lengths)
    ideal = _list_dcg(known, known, rows, len(row_lengths), at)
    reached = _list_dcg(known, scores, rows, len(row_lengths), at)
    return np.divide(reached, ideal, out=np.full(len(ideal), np.nan), where=counts)


def random_ndcg(gains: Floats, row_lengths: Integers, at: int | None = None) -> Floats:
    """Expected NDCG of a random order, which is the NDCG of a constant score.

    Args:
        gains: as in `list_ndcg`.
        row_lengths: as in `list_ndcg`.
        at: as in `list_ndcg`.

    Returns:
        float [B], NaN where a list does not count.
    """
    return list_ndcg(gains, np.zeros(len(gains)), row_lengths, at)


def _list_dcg(gains: Floats, scores: Floats, rows: Integers, lists: int, at: int | None) -> Floats:
    groups = tie_groups(scores, rows)
    discounts = _discounts(int(groups.item_rank.max(initial=0)), at)[groups.item_rank - 1]
    mean_gain = group_sums(gains[groups.order], groups) / groups.size
    weights = mean_gain * group_sums(discounts, groups)
    return np.asarray(np.bincount(groups.row, weights, lists), dtype=np.float64)


def _discounts(longest: int, at: int | None) -> Floats:
    discounts = 1 / np.log2(np.arange(1, longest + 1) + 1)
    if at is not None:
        discounts[at:] = 0
    return discounts


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
