"""What regions and platforms add to a calibration, near 0 as far as they are alike."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from data.metrics.ranked import Floats, Integers
from models.calibration.curves import Observed

# Items of similar logits are counted together.
_CELLS = 64
_SWEEPS = 200
_STEPS = 3
_DONE = 1e-6
# Where the search for the spread of the shifts begins; below the last one nothing is told apart.
_SPREAD, _NO_SPREAD = 0.2, 1e-3


def fit_shifts(
    task: Observed, calibrated: Floats, places: Sequence[Integers], numbers: Sequence[int]
) -> list[Floats]:
    """Fits additive shifts of a task's calibrated logits by kind of place.

    logit p = calibrated + sum over kinds of shift[place], each kind's shifts from a normal
    distribution around 0 whose variance is estimated with them (empirical Bayes, by expectation
    maximisation): where places do not differ beyond chance, all shifts go to 0, and a place with
    few items stays near it.

    Args:
        task: what was seen of the N items.
        calibrated: their calibrated logits, float [N].
        places: for each kind of place (region, platform) the place of each item, int [N], from 1; 0
            is an unknown one, without a shift.
        numbers: places of each kind, without the unknown one.

    Returns:
        A shift for each place of each kind, float [places].
    """
    if not task.says_something or not any(numbers):
        return [np.zeros(number) for number in numbers]
    cells = _Cells(task, calibrated, places, numbers)
    shifts: list[Floats] = [np.zeros(number + 1) for number in numbers]
    variances = [_SPREAD**2 for _ in numbers]
    for _ in range(_SWEEPS):
        before = np.concatenate(shifts)
        for kind, number in enumerate(numbers):
            if number:
                variances[kind] = _improve(cells, shifts, kind, variances[kind])
        if np.abs(np.concatenate(shifts) - before).max() < _DONE:
            break
    return [of_kind[1:] for of_kind in shifts]


def _improve(cells: "_Cells", shifts: list[Floats], kind: int, variance: float) -> float:
    """Improves the shifts of a kind of place, the others as they are; returns their variance."""
    for _ in range(_STEPS):
        gradient, information = cells.slopes(shifts, kind)
        step = (gradient - shifts[kind] / variance) / (information + 1 / variance)
        # Far from its best value a logistic likelihood is flat: steps are kept short.
        shifts[kind] = shifts[kind] + np.clip(step, -1, 1)
        shifts[kind][0] = 0.0
    # The unknown place has no shift, and so no say in their spread.
    spread = np.square(shifts[kind]) + 1 / (information + 1 / variance)
    return max(float(spread[1:].mean()), _NO_SPREAD**2)


class _Cells:
    """Items of one task, counted by their places and calibrated logits."""

    def __init__(
        self,
        task: Observed,
        calibrated: Floats,
        places: Sequence[Integers],
        numbers: Sequence[int],
    ) -> None:
        sizes = [number + 1 for number in numbers]
        cuts = np.quantile(calibrated, np.arange(1, _CELLS) / _CELLS)
        joined = np.ravel_multi_index(
            (*places, np.searchsorted(cuts, calibrated)), (*sizes, _CELLS)
        )
        codes, cell = np.unique(joined, return_inverse=True)
        dispersion = task.dispersion(calibrated)
        weights = np.bincount(cell, task.weights)
        self._offsets = np.bincount(cell, task.weights * calibrated) / weights
        self._weights = weights / dispersion
        self._positives = np.bincount(cell, task.weights * task.labels) / dispersion
        self._places = np.unravel_index(codes, (*sizes, _CELLS))[:-1]
        self._sizes = sizes

    def slopes(self, shifts: Sequence[Floats], kind: int) -> tuple[Floats, Floats]:
        """Of the likelihood: gradient and information for each place of a kind, float [places]."""
        own = (of_kind[place] for of_kind, place in zip(shifts, self._places, strict=True))
        probabilities = expit(self._offsets + sum(own))
        information = self._weights * probabilities * (1 - probabilities)
        place, size = self._places[kind], self._sizes[kind]
        lacking = self._positives - self._weights * probabilities
        gradient, total = (np.bincount(place, of, size) for of in (lacking, information))
        return gradient.astype(float), total.astype(float)
