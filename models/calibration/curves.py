"""The curve of a task's calibration: smooth, strictly increasing, as bent as there is data for.

The curve has the values v at K knots in logit space. They minimise
    sum over items of w (log(1 + exp F(x)) - y F(x)) / dispersion + deviation of v from the knots,
such that v rises from knot to knot. The deviation is a quadratic form of the level, the slope and
the curvature of v - knots: few positives move the level, more of them the slope, many the form.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls
from scipy.special import expit

from data.artifacts.calibration import interpolated
from data.metrics.ranked import Floats, Integers

KNOTS = 20
# Items of similar logits are counted together, so many groups from knot to knot.
_CELLS = 32
# The share of a task's items that may lie beyond the knots on either side.
_BEYOND = 0.002
# A curve rises by this at least for 1 of the logit: a plateau would make items equal.
LEAST_SLOPE = 0.1
# Standard deviations of a curve's level, of its slope, and of the drift of its slope over 1 of the
# logit, before there is data.
_LEVEL, _SLOPE, _DRIFT = 3.0, 0.5, 0.2
_STEPS = 50
# Of an item: logits far enough from 0 have probabilities of 0 and 1 in all digits.
_LEAST, _WIDEST = 1e-9, 1e4
_HALVES = 20
_DONE = 1e-9


@dataclass(frozen=True)
class Observed:
    """The N labelled items of one task.

    Attributes:
        logits: finite, float [N].
        labels: 0 or 1, float [N].
        weights: above 0, float [N].
        lists: the list of each item, int [N].
    """

    logits: Floats
    labels: Floats
    weights: Floats
    lists: Integers

    @property
    def says_something(self) -> bool:
        """Whether there are both positives and others."""
        return bool(self.labels.any() and not self.labels.all())

    def dispersion(self, calibrated: Floats) -> float:
        """How much more the labels vary than independent ones of weight 1 would.

        Items of a list go together, and weights differ: the variance of the sum over lists of
        w (y - p), as it is found and at least as of independent items, over the sum of w p (1 - p).

        Args:
            calibrated: logits, float [N].
        """
        probabilities = expit(calibrated)
        information = self.weights * probabilities * (1 - probabilities)
        residuals = np.bincount(self.lists, self.weights * (self.labels - probabilities))
        variance = max(float(residuals @ residuals), float(self.weights @ information))
        return variance / max(float(information.sum()), _LEAST * float(self.weights.sum()))


def choose_knots(tasks: Sequence[Observed]) -> Floats:
    """Evenly spaced knots over nearly all logits of all tasks, float [K]."""
    ends = [
        np.quantile(task.logits, [_BEYOND, 1 - _BEYOND]) for task in tasks if len(task.logits)
    ] or [np.zeros(2)]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    room = max(0.0, 1.0 - (high - low)) / 2
    return np.linspace(low - room, high + room, KNOTS)


def fit_curve(task: Observed, knots: Floats) -> Floats:
    """Fits the curve of a task.

    Args:
        task: what was seen of it.
        knots: float [K], evenly spaced.

    Returns:
        The values at the knots, float [K]: the knots themselves where there are no positives, or
        nothing else, or logits so far apart that nearly all probabilities are 0 or 1.
    """
    if not task.says_something or knots[-1] - knots[0] > _WIDEST:
        return knots
    first = _Cells(task, knots, float(np.average(task.weights, weights=task.weights))).fitted()
    dispersion = task.dispersion(interpolated(task.logits, knots, first))
    return _Cells(task, knots, dispersion).fitted()


class _Cells:
    """Items of one task, counted by their logits."""

    def __init__(self, task: Observed, knots: Floats, dispersion: float) -> None:
        step = knots[1] - knots[0]
        last = _CELLS * (len(knots) - 1)
        place = np.floor((task.logits - knots[0]) / step * _CELLS)
        code = np.clip(place, -1, last).astype(np.int64) + 1
        codes, cell = np.unique(code, return_inverse=True)
        weights = np.bincount(cell, task.weights, len(codes))
        logits = np.bincount(cell, task.weights * task.logits) / weights
        inside = np.clip(logits, knots[0], knots[-1])
        self._knots = knots
        # How much of each knot's value a cell has, float [cells, K], and what is added to it.
        self._hats = np.maximum(0.0, 1 - np.abs(inside[:, np.newaxis] - knots) / step)
        self._beyond = logits - inside
        self._weights = weights / dispersion
        self._positives = np.bincount(cell, task.weights * task.labels) / dispersion
        self._penalty = _penalty(knots)

    def fitted(self) -> Floats:
        """The best values, by Newton's method whose steps keep to what is allowed."""
        values = self._knots
        now = self._loss(values)
        for _ in range(_STEPS):
            gradient, hessian = self._slopes(values)
            best = _nearest(values, gradient, hessian, LEAST_SLOPE * np.diff(self._knots))
            before = now
            for share in 0.5 ** np.arange(_HALVES):
                now = self._loss(values + share * (best - values))
                if now <= before:
                    values = values + share * (best - values)
                    break
            if before - now <= _DONE * abs(now):
                break
        return values

    def _loss(self, values: Floats) -> float:
        fitted, deviation = self._hats @ values + self._beyond, values - self._knots
        likelihood = self._weights @ np.logaddexp(0, fitted) - self._positives @ fitted
        return float(likelihood + 0.5 * deviation @ self._penalty @ deviation)

    def _slopes(self, values: Floats) -> tuple[Floats, Floats]:
        """Gradient [K] and Hessian [K, K] of the loss."""
        probabilities = expit(self._hats @ values + self._beyond)
        information = self._weights * probabilities * (1 - probabilities)
        lacking = self._weights * probabilities - self._positives
        gradient = self._hats.T @ lacking + self._penalty @ (values - self._knots)
        return gradient, self._hats.T @ (information[:, np.newaxis] * self._hats) + self._penalty


def _penalty(knots: Floats) -> Floats:
    """The quadratic form of a curve's deviation from its logits, [K, K]."""
    number, step = len(knots), knots[1] - knots[0]
    level = np.full((1, number), 1 / number) / _LEVEL
    slope = np.diff(np.eye(number), axis=0) / (_SLOPE * step * np.sqrt(number - 1))
    curvature = np.diff(np.eye(number), 2, axis=0) / (_DRIFT * step**1.5)
    parts = np.concatenate([level, slope, curvature])
    return parts.T @ parts


def _nearest(values: Floats, gradient: Floats, hessian: Floats, least: Floats) -> Floats:
    """Minimises the quadratic model of the loss at some values, with rises of `least` or more.

    Source:
        Lawson and Hanson 1974, "Solving Least Squares Problems", chapter 23: least distance
        programming.
    """
    lower = np.linalg.cholesky(hessian)

    def over_lower(right: Floats, transposed: bool = False) -> Floats:
        return solve_triangular(lower, right, lower=True, trans="T" if transposed else "N")

    free = values - over_lower(over_lower(gradient), transposed=True)
    lacking = least - np.diff(free)
    if (lacking <= 0).all():
        return free
    rises = np.diff(np.eye(len(values)), axis=0)
    system = np.vstack([over_lower(rises.T), lacking])
    target = np.append(np.zeros(len(values)), 1.0)
    residual = system @ nnls(system, target)[0] - target
    return free + over_lower(-residual[:-1] / residual[-1], transposed=True)
