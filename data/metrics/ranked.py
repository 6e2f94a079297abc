"""Lists in the order of their scores, with ties kept together: what NDCG and MRR are made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.integer]


@dataclass(frozen=True)
class TieGroups:
    """Groups of items with equal scores, in the order of the lists and of falling scores.

    Attributes:
        row: list of a group, int [G].
        rank: rank of a group's first item in its list, from 1, int [G].
        size: items in a group, int [G].
        first: place of a group's first item in `order`, int [G].
        order: items in ranked order, int [N].
        item_rank: rank of each item of `order` in its list, from 1, int [N].
    """

    row: Integers
    rank: Integers
    size: Integers
    first: Integers
    order: Integers
    item_rank: Integers


def list_of_item(row_lengths: Integers) -> Integers:
    """The list of each item, int [N], of lists with so many items each, int [B]."""
    return np.repeat(np.arange(len(row_lengths)), row_lengths)


def list_sums(values: Floats, rows: Integers, lists: int) -> Floats:
    """Sums what items have, by list.

    Args:
        values: float [N] or [N, K].
        rows: the list of each item, int [N].
        lists: how many there are, B.

    Returns:
        float [B] or [B, K].
    """
    if values.ndim == 1:
        return np.bincount(rows, values, lists).astype(np.float64)
    columns = [list_sums(column, rows, lists) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.zeros((lists, 0))


def order_matters(gains: Floats, row_lengths: Integers) -> npt.NDArray[np.bool_]:
    """Tells the lists of which one order is better than another: the only ones that count.

    Where a list has one known item, or all its items are equally relevant or irrelevant, every
    order is the best one: an NDCG of 1 or of 0 / 0 would say nothing about the model.

    Args:
        gains: float [N], the items of all lists one after the other; NaN where not known.
        row_lengths: items of each list, int [B]; sums up to N.

    Returns:
        bool [B], whether the known gains of a list differ.
    """
    gains = np.asarray(gains, dtype=np.float64)
    known = ~np.isnan(gains)
    rows = list_of_item(row_lengths)[known]
    counts = np.zeros(len(row_lengths), dtype=bool)
    if len(rows):
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        highest, lowest = (f.reduceat(gains[known], starts) for f in (np.maximum, np.minimum))
        counts[rows[starts]] = highest > lowest
    return counts


def tie_groups(scores: Floats, rows: Integers) -> TieGroups:
    """Ranks the items of each list.

    Args:
        scores: float [N], no NaN.
        rows: list of each item, int [N].

    Returns:
        The groups of items with equal scores; within a group, items stay in their order.
    """
    order = np.lexsort((-scores, rows))
    ranked, rows = scores[order], rows[order]
    new_list = np.ones(len(order), dtype=bool)
    new_list[1:] = rows[1:] != rows[:-1]
    new_group = new_list.copy()
    new_group[1:] |= ranked[1:] != ranked[:-1]
    places = np.arange(len(order))
    item_rank = places - np.maximum.accumulate(np.where(new_list, places, 0)) + 1
    first = np.flatnonzero(new_group)
    size = np.diff(first, append=len(order))
    return TieGroups(rows[first], item_rank[first], size, first, order, item_rank)


def item_ranks(scores: Floats, rows: Integers) -> Integers:
    """The rank of each item in its list.

    Args:
        scores: float [N], no NaN.
        rows: list of each item, int [N].

    Returns:
        int [N], from 1; items of equal scores stay in their order.
    """
    groups = tie_groups(scores, rows)
    ranks = np.empty_like(groups.item_rank)
    ranks[groups.order] = groups.item_rank
    return ranks


def group_sums(values: Floats, groups: TieGroups) -> Floats:
    """Sum of the values in each group.

    Args:
        values: one value an item, in the order of `groups.order`, float [N].
        groups: the groups.

    Returns:
        float [G].
    """
    return np.add.reduceat(values, groups.first) if len(groups.first) else np.zeros(0)


def known_items(
    gains: Floats, scores: Floats, row_lengths: Integers
) -> tuple[Floats, Floats, Integers]:
    """Leaves out items whose gain is not known.

    Args:
        gains: float [N], NaN where not known.
        scores: float [N].
        row_lengths: items of each list, int [B].

    Returns:
        The gains, the scores and the list of each item that is left.

    Raises:
        ValueError: lengths do not fit, a gain is negative, or a score is NaN.
    """
    gains, scores = np.asarray(gains, dtype=np.float64), np.asarray(scores)
    rows = list_of_item(row_lengths)
    if not gains.shape == scores.shape == rows.shape:
        raise ValueError(
            "expected as many gains and scores as the lists have items, "
            f"found {gains.shape}, {scores.shape} and {rows.shape}"
        )
    known = ~np.isnan(gains)
    gains, scores, rows = gains[known], scores[known], rows[known]
    if np.isnan(scores).any():
        raise ValueError(f"expected scores that are numbers, found {np.isnan(scores).sum()} NaN")
    if (gains < 0).any():
        raise ValueError(f"expected gains of at least 0, found {gains.min()}")
    return gains, scores, rows
