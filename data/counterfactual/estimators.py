"""What a new order of logged lists would earn: estimates list by list, from what was shown.

Sources:
    Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay and Wen, "Offline Evaluation of Ranking
    Policies with Click Models", KDD 2018: the item-position and the position-based model.
    Oosterhuis and de Rijke, "Policy-Aware Unbiased Learning to Rank for Top-k Rankings", SIGIR
    2020: weights by how much an item is examined on average over the orders that may be shown.
    Oosterhuis, "Doubly-Robust Estimation for Correcting Position-Bias in Click Feedback for
    Unbiased Learning to Rank", TOIS 2023.
    Swaminathan and Joachims, "The Self-Normalized Estimator for Counterfactual Learning", 2015.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from data.counterfactual.examination import ExaminationCurve, octaves
from data.metrics.ranked import (
    Floats,
    Integers,
    TieGroups,
    group_sums,
    list_of_item,
    list_sums,
    tie_groups,
)

# Names of the estimators in results.
INVERSE_PROPENSITY, SELF_NORMALISED = "inverse_propensity", "self_normalised"
DOUBLY_ROBUST = "doubly_robust"

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Placement:
    """Where the items of lists were shown, and where a new order puts them.

    A new order deals out the positions that the list was shown on: its first item gets the first
    of them. Items of equal score share their positions: each stands on any of them equally often.

    Attributes:
        positions: float [N], where each item was shown, from 1 on.
        list_of_item: int [N], ascending.
        row_lengths: int [B].
        platform: int [B].
        randomised: bool [B], whether a list was shown in random order.
        slots: float [N], the positions of each list in ascending order.
        groups: the items in the new order.
    """

    positions: Floats
    list_of_item: Integers
    row_lengths: Integers
    platform: Integers
    randomised: Booleans
    slots: Floats
    groups: TieGroups

    def list_sums(self, values: Floats) -> Floats:
        """Sums of values of items, float [N] or [N, K], by list: float [B] or [B, K]."""
        return list_sums(values, self.list_of_item, len(self.row_lengths))

    def moved(self, at_slots: Floats) -> Floats:
        """What each item gets in the new order, float [N], of what its list's slots have."""
        groups = self.groups
        means = group_sums(at_slots, groups) / groups.size
        got = np.empty(len(at_slots))
        got[groups.order] = np.repeat(means, groups.size)
        return got

    @cached_property
    def kept(self) -> Floats:
        """The probability that the new order leaves an item where it was shown, float [N]."""
        rank = np.empty(len(self.positions))
        order = np.lexsort((self.positions, self.list_of_item))
        starts = np.repeat(np.cumsum(self.row_lengths) - self.row_lengths, self.row_lengths)
        rank[order] = np.arange(len(order)) - starts + 1
        groups, first, size = self.groups, np.empty_like(rank), np.empty_like(rank)
        first[groups.order] = np.repeat(groups.rank, groups.size)
        size[groups.order] = np.repeat(groups.size, groups.size)
        return np.where((first <= rank) & (rank < first + size), 1 / size, 0.0)


def place(
    scores: Floats,
    positions: Floats,
    row_lengths: Integers,
    platform: Integers,
    randomised: Booleans,
) -> Placement:
    """Ranks lists by a score.

    Args:
        scores: float [N], no NaN.
        positions: float [N], where each item was shown, from 1 on.
        row_lengths: int [B], items of each list.
        platform: int [B], from 0 on.
        randomised: bool [B], whether a list was shown in random order.

    Returns:
        Old and new places.
    """
    rows = list_of_item(row_lengths)
    return Placement(
        positions=positions,
        list_of_item=rows,
        row_lengths=row_lengths,
        platform=platform,
        randomised=randomised,
        slots=positions[np.lexsort((positions, rows))],
        groups=tie_groups(scores, rows),
    )


@dataclass(frozen=True)
class Weights:
    """Weights of the items' actions, and how they follow from the curve.

    Attributes:
        values: float [N].
        clipped: bool [N], where a weight was larger than allowed.
        shown: float [N], examination where the item was shown.
        new: float [N], examination where the new order puts it.
        by_slope: float [N, J], change of the logarithm of a weight by slope.
        shown_by_slope: float [N, J], of the logarithm of `shown`.
        new_by_slope: float [N, J], of the logarithm of `new`.
    """

    values: Floats
    clipped: Booleans
    shown: Floats
    new: Floats
    by_slope: Floats
    shown_by_slope: Floats
    new_by_slope: Floats


def position_weights(placement: Placement, curve: ExaminationCurve, largest: float) -> Weights:
    """Weights under the position-based model: examination in the new order over that in the logs.

    w_i = examination(new position) / examination(shown position). Where the order was random, an
    item might as well have been shown on any position k of its L: the denominator is the mean
    over all of them, which varies less and has the same expectation.

    Args:
        placement: old and new places.
        curve: examination by position and platform.
        largest: above which weights are cut.

    Returns:
        The weights.
    """
    number, of_item = curve.slopes.shape[1], placement.platform[placement.list_of_item]
    shown, at_slots = (curve.at(x, of_item) for x in (placement.positions, placement.slots))
    by_shown, by_slot = (octaves(x, number) for x in (placement.positions, placement.slots))
    new = placement.moved(at_slots)
    by_new = _moved_slopes(placement, at_slots, by_slot) / new[:, np.newaxis]
    random = placement.randomised[placement.list_of_item]
    total = placement.list_sums(shown)
    mean = (total / np.maximum(placement.row_lengths, 1))[placement.list_of_item]
    by_total = placement.list_sums(shown[:, np.newaxis] * by_shown)
    by_mean = (by_total / np.where(total > 0, total, 1)[:, np.newaxis])[placement.list_of_item]
    values = new / np.where(random, mean, shown)
    clipped = values > largest
    return Weights(
        values=np.minimum(values, largest),
        clipped=clipped,
        shown=shown,
        new=new,
        by_slope=np.where(
            clipped[:, np.newaxis], 0.0, by_new - np.where(random[:, np.newaxis], by_mean, by_shown)
        ),
        shown_by_slope=by_shown,
        new_by_slope=by_new,
    )


def _moved_slopes(placement: Placement, at_slots: Floats, by_slot: Floats) -> Floats:
    columns = [placement.moved(at_slots * one) for one in by_slot.T]
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class ListEstimates:
    """An estimate of what each list would earn.

    Attributes:
        values: float [B], 0 on average away from what the new order earns.
        by_slope: float [B, J], how they change with the curve's slopes.
    """

    values: Floats
    by_slope: Floats


def inverse_propensity(placement: Placement, weights: Weights, earned: Floats) -> ListEstimates:
    """Inverse propensities: sum over the items of a list of w_i * earned_i.

    Unbiased, if examination depends on the position alone, the curve is right and no weight is
    cut.

    Args:
        placement: old and new places.
        weights: of the items.
        earned: float [N], labels or gains as they were logged, 0 where unknown.

    Returns:
        The estimates.
    """
    weighed = weights.values * earned
    return ListEstimates(
        values=placement.list_sums(weighed),
        by_slope=placement.list_sums(weighed[:, np.newaxis] * weights.by_slope),
    )


def doubly_robust(
    placement: Placement, weights: Weights, earned: Floats, expected: Floats
) -> ListEstimates:
    """What a model of the reward says, corrected by what it was wrong about in the logs.

    sum over items of new_i * expected_i + w_i * (earned_i - shown_i * expected_i), where shown_i
    and new_i are the item's examination in the logs and in the new order. Right on average if the
    weights are right, or the model is. Where the order shown was no matter of chance and no weight
    is cut, both terms of the model cancel out: it is the estimate by inverse propensities.

    Args:
        placement: old and new places.
        weights: of the items.
        earned: float [N], labels or gains as they were logged, 0 where unknown.
        expected: float [N], what an item would earn if it were examined, 0 where `earned` is
            unknown.

    Returns:
        The estimates.
    """
    modelled, missed = weights.new * expected, earned - weights.shown * expected
    by_slope = (
        modelled[:, np.newaxis] * weights.new_by_slope
        + (weights.values * missed)[:, np.newaxis] * weights.by_slope
        - (weights.values * weights.shown * expected)[:, np.newaxis] * weights.shown_by_slope
    )
    return ListEstimates(
        values=placement.list_sums(np.asarray(modelled + weights.values * missed, np.float64)),
        by_slope=placement.list_sums(by_slope),
    )


@dataclass(frozen=True)
class MatchedLists:
    """Sums of each list by octave of the item's rank (1, 2, 3-4, 5-8, ...), each float [B, K].

    Attributes:
        items: items with a known label.
        weights: their weights: L where the new order leaves an item of L where it was shown.
        earned: what they earned, by weight.
    """

    items: Floats
    weights: Floats
    earned: Floats

    def of(self, chosen: Booleans) -> "MatchedLists":
        """Some of the lists, bool [B]."""
        return MatchedLists(self.items[chosen], self.weights[chosen], self.earned[chosen])

    def per_list(self, draws: Floats) -> Floats:
        """The self-normalised estimate: by octave, items times mean earned by weight.

        sum over octaves of n * (sum of w * earned) / (sum of w), over the number of lists. It
        asks for no curve: that an action depends on the item and its position is enough.

        Args:
            draws: float [B, R], how much each list counts in each replicate.

        Returns:
            float [R], NaN where an octave has items but none that stays in its place.
        """
        items, weights, earned = (one.T @ draws for one in vars(self).values())
        mean = np.divide(earned, weights, out=np.full_like(earned, np.nan), where=weights > 0)
        total = np.where(items > 0, items * mean, 0.0).sum(axis=0)
        lists = draws.sum(axis=0)
        return np.divide(total, lists, out=np.full_like(total, np.nan), where=lists > 0)


def match_weights(placement: Placement) -> Floats:
    """Weights under the item-position model, for lists in random order.

    An item stands on each of L positions with probability 1 / L: what it earned counts L times
    where the new order leaves it in its place, and not at all elsewhere.

    Args:
        placement: old and new places.

    Returns:
        float [N]; its mean over random orders is 1.
    """
    return placement.kept * placement.row_lengths[placement.list_of_item]


def matched_lists(placement: Placement, earned: Floats, known: Booleans) -> MatchedLists:
    """Sums for the self-normalised estimate.

    Args:
        placement: old and new places, of lists in random order.
        earned: float [N], labels or gains as they were logged, 0 where unknown.
        known: bool [N], where they are known.

    Returns:
        The sums.
    """
    rank = np.empty(len(earned))
    rank[placement.groups.order] = placement.groups.item_rank
    octave = np.ceil(np.log2(rank)).astype(np.int64)
    number = int(octave.max(initial=0)) + 1
    cell = placement.list_of_item * number + octave
    weights = match_weights(placement) * known

    def sums(values: Floats) -> Floats:
        length = len(placement.row_lengths) * number
        return np.bincount(cell, values, length).reshape(-1, number).astype(np.float64)

    return MatchedLists(sums(known.astype(float)), sums(weights), sums(weights * earned))


def effective_size(weights: Floats) -> float:
    """Kish's effective sample size: (sum of w)^2 / (sum of w^2), 0 where all weights are 0."""
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0
