"""What lists would earn in a new order, summed over traffic and regions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from components.diagnostics.results import EarnedEstimate, EarnedSlice, EarnedTarget, Traffic
from components.diagnostics.usable_lists import UsableLists
from components.evaluator.intervals import (
    LEAST_LISTS,
    LEAST_USERS,
    effective_users,
    interval_of,
    standard_error,
)
from components.evaluator.results import Estimate
from data.counterfactual.estimators import (
    DOUBLY_ROBUST,
    INVERSE_PROPENSITY,
    SELF_NORMALISED,
    ListEstimates,
    MatchedLists,
    Placement,
    doubly_robust,
    effective_size,
    inverse_propensity,
    match_weights,
    matched_lists,
    place,
    position_weights,
)
from data.counterfactual.examination import LARGEST_WEIGHT, ExaminationCurve

# Effective actions below which nothing is estimated: replicates cannot draw what is not there.
_LEAST_ACTIONS = 10


@dataclass(frozen=True)
class Interval:
    """How intervals are made.

    Attributes:
        replicates: of the Poisson bootstrap over users.
        confidence: level of the intervals.
    """

    replicates: int
    confidence: float

    def of(self, values: np.ndarray) -> Estimate:
        """A value and its replicates, float [1 + R]: value -+ t * standard error."""
        value = float(values[0])
        if not np.isfinite(value):
            return Estimate()
        error = standard_error(values)
        if error is None:
            return Estimate(value=value)
        return interval_of(value, error, self.replicates - 1, self.confidence)


@dataclass(frozen=True)
class _Target:
    """Estimates of a target by list, and the items behind them.

    Attributes:
        shown: float [B], what the lists earned.
        by_position: estimates under the position-based model, by name.
        matched: sums for the self-normalised estimate, of the M randomised lists.
        known: bool [N], items with a known label.
        earned: float [N], 0 where unknown.
    """

    shown: np.ndarray
    by_position: Mapping[str, ListEstimates]
    matched: MatchedLists
    known: np.ndarray
    earned: np.ndarray


class Earnings:
    """Estimates of what lists would earn.

    Args:
        lists: the lists.
        curve: examination, as their logs say.
        changes: float [1 + R, P, J], 0, then changes of the curve's slopes in each replicate.
        draws: float [B, 1 + R], 1, then how often each list is drawn in each replicate.
        interval: how intervals are made.
    """

    def __init__(
        self,
        lists: UsableLists,
        curve: ExaminationCurve,
        changes: np.ndarray,
        draws: np.ndarray,
        interval: Interval,
    ) -> None:
        self._changes = changes
        self._lists = lists
        self._interval = interval
        self._draws = draws * lists.weights[:, np.newaxis]
        self._list_of_item = lists.list_of_item
        self._placement = self._place(np.ones_like(lists.randomised))
        self._weights = position_weights(self._placement, curve, LARGEST_WEIGHT)
        self._randomised = self._place(lists.randomised)
        self._match = np.zeros(len(lists.positions))
        self._match[lists.randomised[self._list_of_item]] = match_weights(self._randomised)
        self._targets = {target: self._target(target) for target in lists.earned}

    def slices(self) -> Iterator[EarnedSlice]:
        """All lists, then every traffic, each as a whole and by region."""
        lists = self._lists
        traffics: dict[Traffic, np.ndarray] = {"all": np.ones_like(lists.randomised)}
        if lists.any_randomised:
            traffics |= {"usual": ~lists.randomised, "randomised": lists.randomised}
        regions = np.unique(lists.regions).tolist()
        for traffic, inside in traffics.items():
            yield self._slice(traffic, None, inside)
            for region in regions if len(regions) > 1 else ():
                yield self._slice(traffic, region, inside & (lists.regions == region))

    def _place(self, chosen: np.ndarray) -> Placement:
        lists, items = self._lists, chosen[self._list_of_item]
        return place(
            lists.scores[items],
            lists.positions[items],
            lists.row_lengths[chosen],
            lists.platform[chosen],
            lists.randomised[chosen],
        )

    def _target(self, target: str) -> _Target:
        lists, weights = self._lists, self._weights
        known = np.isfinite(lists.earned[target])
        earned = np.where(known, lists.earned[target], 0.0)
        expected = self._expected(lists.expected[target] * known, earned)
        random = lists.randomised[self._list_of_item]
        return _Target(
            shown=self._placement.list_sums(earned),
            by_position={
                INVERSE_PROPENSITY: inverse_propensity(self._placement, weights, earned),
                DOUBLY_ROBUST: doubly_robust(self._placement, weights, earned, expected),
            },
            matched=matched_lists(self._randomised, earned[random], known[random]),
            known=known,
            earned=earned,
        )

    def _expected(self, expected: np.ndarray, earned: np.ndarray) -> np.ndarray:
        """What the model expects of examined items, at the level of what the lists earned."""
        of_item = self._lists.weights[self._list_of_item]
        total = float(np.sum(of_item * self._weights.shown * expected))
        return expected * (float(np.sum(of_item * earned)) / total if total > 0 else 0.0)

    def _slice(self, traffic: Traffic, region: bytes | None, inside: np.ndarray) -> EarnedSlice:
        return EarnedSlice(
            traffic=traffic,
            region=None if region is None else region.decode(errors="replace"),
            lists=int(inside.sum()),
            targets={
                target: self._earned(found, inside, traffic)
                for target, found in self._targets.items()
            },
        )

    def _earned(self, found: _Target, inside: np.ndarray, traffic: Traffic) -> EarnedTarget:
        draws = self._draws[inside]
        lists = draws.sum(axis=0)
        shown = _ratio(found.shown[inside] @ draws, lists)
        values = {
            name: _ratio(one.values[inside] @ draws + self._by_curve(one, inside), lists)
            for name, one in found.by_position.items()
        }
        weights = dict.fromkeys(values, (self._weights.values, self._weights.clipped))
        if traffic == "randomised":
            of_random = inside[self._lists.randomised]
            values[SELF_NORMALISED] = found.matched.of(of_random).per_list(draws)
            weights[SELF_NORMALISED] = (self._match, np.zeros(len(self._match), dtype=bool))
        if len(draws) < LEAST_LISTS or effective_users(lists) < LEAST_USERS:
            shown[1:] = np.nan
            for one in values.values():
                one[1:] = np.nan
        items = inside[self._list_of_item] & found.known
        of_lists = self._lists.weights[self._list_of_item][items]
        return EarnedTarget(
            actions=int(np.count_nonzero(found.earned[items])),
            shown=self._interval.of(shown),
            estimates={
                name: self._estimate(
                    one,
                    shown,
                    of_lists,
                    *(of_item[items] for of_item in (*weights[name], found.earned)),
                )
                for name, one in values.items()
            },
        )

    def _estimate(
        self,
        values: np.ndarray,
        shown: np.ndarray,
        of_lists: np.ndarray,
        weights: np.ndarray,
        clipped: np.ndarray,
        earned: np.ndarray,
    ) -> EarnedEstimate:
        """Values and those shown, float [1 + R]; of the known items, their lists' weights, [n]."""
        actions = effective_size(of_lists * weights * earned)
        if actions < _LEAST_ACTIONS:
            values = np.full_like(values, np.nan)
        return EarnedEstimate(
            earned=self._interval.of(values),
            lift=self._interval.of(_ratio(values, shown) - 1),
            effective_items=effective_size(of_lists * weights),
            effective_actions=actions,
            clipped=float(np.average(clipped, weights=of_lists)) if len(clipped) else 0.0,
        )

    def _by_curve(self, estimates: ListEstimates, inside: np.ndarray) -> np.ndarray:
        """What the sum over lists changes by as the curve changes: float [1 + R]."""
        weighed = estimates.by_slope * (self._lists.weights * inside)[:, np.newaxis]
        platforms = range(self._changes.shape[1])
        sums = [weighed[self._lists.platform == one].sum(axis=0) for one in platforms]
        return np.einsum("rpj,pj->r", self._changes, np.stack(sums))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
