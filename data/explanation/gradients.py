"""Integrated gradients: a difference of two values of a function, shared out among its inputs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.metrics.ranked import Floats

# float [S, D] -> values, float [S], and their gradients, float [S, D].
WithGradients = Callable[[Floats], tuple[Floats, Floats]]

FEWEST_STEPS, MOST_STEPS = 64, 65_536
_AT_ONCE = 8_192
# Share of the difference by which the sum may miss it, and share of the larger value: a network
# computes in 32 bits, whose last digits say nothing.
TOLERANCE = 1e-3
ROUNDING = 32 * float(np.finfo(np.float32).eps)


def largest_residual(first: float, last: float, tolerance: float = TOLERANCE) -> float:
    """What shares may leave of the difference of two values and add up to it all the same.

    Args:
        first: one of the values.
        last: the other one.
        tolerance: share of the difference.
    """
    return tolerance * abs(last - first) + ROUNDING * max(abs(first), abs(last))


@dataclass(frozen=True)
class Attribution:
    """A difference of two values, shared out.

    Attributes:
        shares: float [D], what each input adds.
        difference: f(end) - f(start).
        steps: places between start and end at which gradients were taken.
    """

    shares: Floats
    difference: float
    steps: int

    @property
    def residual(self) -> float:
        """What the shares leave of the difference."""
        return self.difference - float(self.shares.sum())


def integrated_gradients(
    function: WithGradients, start: Floats, end: Floats, tolerance: float = TOLERANCE
) -> Attribution:
    """Shares out f(end) - f(start) by the gradients on the straight line between the two.

    share_d = (end_d - start_d) * integral from 0 to 1 of df/dx_d(start + a * (end - start)) da,
    by the midpoint rule; the shares add up to the difference. The number of steps is doubled until
    they leave no more than `largest_residual` of it, or `MOST_STEPS` are reached.

    Args:
        function: continuous; it may have bends.
        start: float [D], the baseline.
        end: float [D].
        tolerance: share of the difference.

    Returns:
        The shares.

    Source:
        Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks", ICML 2017, Eq. 1.
    """
    way = end - start
    first, last = (float(value) for value in function(np.stack([start, end]))[0])
    difference, allowed = last - first, largest_residual(first, last, tolerance)
    steps = FEWEST_STEPS
    while True:
        found = Attribution(way * _mean_gradient(function, start, way, steps), difference, steps)
        if abs(found.residual) <= allowed or steps >= MOST_STEPS:
            return found
        steps *= 2


def _mean_gradient(function: WithGradients, start: Floats, way: Floats, steps: int) -> Floats:
    total = np.zeros(len(way))
    for first in range(0, steps, _AT_ONCE):
        places = (np.arange(first, min(first + _AT_ONCE, steps)) + 0.5) / steps
        total += function(start + places[:, np.newaxis] * way)[1].sum(axis=0, dtype=float)
    return total / steps
