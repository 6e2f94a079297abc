"""How much each position is looked at, from where in their lists the actions fell.

Under the position-based model an item is acted on with probability examination(position) times
relevance(item). Examination falls, or rises, along the logarithm of the position:

    log examination(k) = sum over octaves j of slope_j * clip(log2(k) - j, 0, 1)

so that it is 1 at the first position, and a slope is what one doubling of the position takes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import block_diag

from data.metrics.ranked import Floats, Integers, list_of_item, list_sums

# Normal priors, as standard deviations: of a slope, of its change from one octave to the next, and
# of what a platform's slope differs by. A slope of -0.35 halves examination in two doublings.
SLOPE_SPREAD, CHANGE_SPREAD, PLATFORM_SPREAD = 0.5, 0.15, 0.15
# Above which weights are cut: the position is examined a tenth as much as the first one.
LARGEST_WEIGHT = 10.0
# Actions on lists in random order from which on these say it alone.
FEWEST_RANDOMISED = 300
_MOST_OCTAVES = 12
_MOST_STEPS = 50
_SMALL_STEP = 1e-8
# Of a slope; a Newton step from far away is cut to it.
_LARGEST_STEP = 1.0


def octaves(positions: Floats, number: int) -> Floats:
    """How far each octave of positions lies behind: clip(log2(position) - j, 0, 1).

    Args:
        positions: float [...], at least 1.
        number: octaves J.

    Returns:
        float [..., J].
    """
    return np.clip(np.log2(positions)[..., np.newaxis] - np.arange(number), 0.0, 1.0)


def octaves_of(last: float) -> int:
    """How many octaves there are up to the last position."""
    return min(int(np.ceil(np.log2(max(2.0, last)))), _MOST_OCTAVES)


def beginnings(positions: Floats, rows: Integers, lists: int) -> Integers:
    """How many lists whose positions are all known begin at 0, and how many at 1: int [2].

    Args:
        positions: float [N], as they are logged; NaN or below 0 where unknown.
        rows: the list of each item, int [N].
        lists: how many there are.
    """
    unknown, zeros, ones = (
        list_sums(found.astype(float), rows, lists) > 0
        for found in (~(positions >= 0), positions == 0, positions == 1)
    )
    return np.array([np.sum(~unknown & zeros), np.sum(~unknown & ones & ~zeros)])


def first_position(begun: Integers) -> Literal[0, 1]:
    """The number of the first position: 0 where more lists begin at 0 than at 1.

    So a few items at 0 among positions from 1 on are items without a position.

    Args:
        begun: from `beginnings`.
    """
    return 0 if begun[0] > begun[1] else 1


@dataclass(frozen=True)
class ExaminationCurve:
    """Examination by position and platform, and how it follows from the lists.

    Attributes:
        slopes: float [P, J], by platform and octave.
        response: float [P * J, P * J], the change of all slopes by that of the lists' scores.
        scores: float [B, J], what each list adds to the gradient, 0 for a list that is not used.
        platform: int [B], the platform of each list.
    """

    slopes: Floats
    response: Floats
    scores: Floats
    platform: Integers

    def at(self, positions: Floats, platform: Integers) -> Floats:
        """Examination of positions, float [N], on platforms, int [N]; 1 at the first position."""
        octave = octaves(positions, self.slopes.shape[1])
        return np.exp(np.einsum("nj,nj->n", octave, self.slopes[platform]))

    def drawn(self, positions: Floats, platform: int, changes: Floats) -> Floats:
        """Examination of positions on one platform in replicates, see `changes`: float [K, R]."""
        slopes = self.slopes[platform] + changes[:, platform]
        return np.exp(octaves(positions, slopes.shape[1]) @ slopes.T)

    def changes(self, draws: Floats) -> Floats:
        """How the slopes would change if the lists were drawn again: one Newton step each.

        Args:
            draws: float [B, R], how often each list is drawn in each replicate.

        Returns:
            float [R, P, J].

        Source:
            Kline and Santos, "A score based approach to wild bootstrap inference", 2012.
        """
        platforms, number = self.slopes.shape
        gradient = np.zeros((platforms, number, draws.shape[1]))
        for one in range(platforms):
            inside = self.platform == one
            gradient[one] = self.scores[inside].T @ (draws[inside] - 1)
        changed = self.response @ gradient.reshape(platforms * number, -1)
        return changed.T.reshape(-1, platforms, number)


@dataclass(frozen=True)
class ActedLists:
    """Lists of which it is known what was acted on.

    Attributes:
        acted: float [N], 1 where an item was acted on, else 0.
        positions: float [N], at least 1.
        chance: float [N], above 0: how likely each item was to be acted on, were all examined
            alike, up to a factor by list; the same for all items of a list in random order.
        row_lengths: int [B].
        weights: float [B], 0 for a list that does not count.
        platform: int [B], from 0 on.
        platforms: how many there are.
    """

    acted: Floats
    positions: Floats
    chance: Floats
    row_lengths: Integers
    weights: Floats
    platform: Integers
    platforms: int


def fit_examination(lists: ActedLists) -> ExaminationCurve:
    """Fits examination to where the actions of each list fell.

    Given that a list has an action, it falls on item i with probability
    chance_i examination(position_i) / sum over its items of the same: a conditional logit, whose
    log likelihood is concave. In random order the chance cancels out, whatever the items are:
    the curve is then unbiased. In a shown order it is as right as the chance is.

    Args:
        lists: what was acted on, and where it stood.

    Returns:
        The curve, its slopes shrunk by the priors above.
    """
    number = octaves_of(float(lists.positions.max(initial=1.0)))
    likelihood = _Likelihood(lists, number)
    spread, prior = _priors(lists.platforms, number)
    found = np.zeros(spread.shape[1])
    for _ in range(_MOST_STEPS):
        gradient, curvature, scores = likelihood.at(spread @ found)
        penalised = spread.T @ curvature @ spread + prior
        step = np.linalg.solve(penalised, spread.T @ gradient - prior @ found)
        found += np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
        if np.abs(step).max() < _SMALL_STEP:
            break
    return ExaminationCurve(
        slopes=(spread @ found).reshape(lists.platforms, number),
        response=spread @ np.linalg.solve(penalised, spread.T),
        scores=scores,
        platform=lists.platform,
    )


def _priors(platforms: int, number: int) -> tuple[Floats, Floats]:
    """From what is fitted (shared slopes, platforms' differences) to slopes; and precisions."""
    own = np.eye(platforms * number)
    spread = np.hstack([np.tile(np.eye(number), (platforms, 1)), own])
    change = np.diff(np.eye(number), axis=0) / CHANGE_SPREAD
    shared = np.eye(number) / SLOPE_SPREAD**2 + change.T @ change
    return spread, block_diag(shared, own / PLATFORM_SPREAD**2)


class _Likelihood:
    """The conditional log likelihood of the slopes."""

    def __init__(self, lists: ActedLists, number: int) -> None:
        self._lists = lists
        self._number = number
        self._octaves = octaves(lists.positions, number)
        self._list_of_item = list_of_item(lists.row_lengths)
        # Actions of each list, by its weight: a list of none says nothing.
        self._actions = self._by_list(lists.acted) * lists.weights
        self._reached = (
            self._by_list(lists.acted[:, np.newaxis] * self._octaves) * lists.weights[:, np.newaxis]
        )

    def at(self, slopes: Floats) -> tuple[Floats, Floats, Floats]:
        """Gradient [P * J], curvature [P * J, P * J] and scores of the lists [B, J]."""
        lists, by_platform = self._lists, slopes.reshape(-1, self._number)
        slope = by_platform[lists.platform][self._list_of_item]
        rate = lists.chance * np.exp(np.einsum("nj,nj->n", self._octaves, slope))
        total = self._by_list(rate)
        share = rate / total[self._list_of_item]
        mean = self._by_list(share[:, np.newaxis] * self._octaves)
        scores = self._reached - self._actions[:, np.newaxis] * mean
        of_item = share * self._actions[self._list_of_item]
        gradients, curvatures = [], []
        for one in range(lists.platforms):
            items, chosen = lists.platform[self._list_of_item] == one, lists.platform == one
            inside, means = self._octaves[items], mean[chosen]
            second = (inside * of_item[items, np.newaxis]).T @ inside
            second -= (means * self._actions[chosen, np.newaxis]).T @ means
            gradients.append(scores[chosen].sum(axis=0))
            curvatures.append(second)
        return np.concatenate(gradients), block_diag(*curvatures), scores

    def _by_list(self, values: Floats) -> Floats:
        """Sums of values, [N] or [N, J], over the items of each list."""
        return list_sums(values, self._list_of_item, len(self._lists.row_lengths))
