"""Fits a calibration to validation lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.artifacts.calibration import Calibration, Place, Shifts, interpolated
from data.metrics.ranked import Floats, Integers, list_of_item
from models.calibration.curves import Observed, choose_knots, fit_curve
from models.calibration.level import level_shift
from models.calibration.places import PlaceIds
from models.calibration.shifts import fit_shifts

# Lists that a region or platform has at least to get shifts.
FEWEST_LISTS = 20


@dataclass(frozen=True)
class ScoredLists:
    """B lists with N items, and what the network says of them.

    Attributes:
        logits: float [N, T].
        labels: float [N, T], above 0 where the action was reached, NaN where unknown.
        row_lengths: items of each list, int [B].
        weights: of each list, float [B].
        ids: by kind of place, the id of the feature that says it, int [B].
    """

    logits: Floats
    labels: Floats
    row_lengths: Integers
    weights: Floats
    ids: Mapping[Place, Integers]

    def observed(self) -> list[Observed]:
        """What was seen of each task."""
        lists = list_of_item(self.row_lengths)
        weights = np.asarray(self.weights, float)[lists]
        logits = np.asarray(self.logits, float)
        used = np.isfinite(self.labels) & np.isfinite(logits) & (weights > 0)[:, np.newaxis]
        return [
            Observed(
                logits[inside, task],
                (self.labels[inside, task] > 0).astype(float),
                weights[inside],
                lists[inside],
            )
            for task, inside in enumerate(used.T)
        ]


def fit_calibration(
    tasks: Sequence[str],
    lists: ScoredLists,
    places: Mapping[Place, PlaceIds],
    descending: bool,
    elsewhere: Floats | None = None,
) -> Calibration:
    """Fits curves to all lists, and shifts to regions and platforms.

    Args:
        tasks: names of the T tasks.
        lists: what to fit to.
        places: `region` and `platform`, as far as features say them.
        descending: whether the logits descend from task to task.
        elsewhere: of other lists, the training lists, how often the actions happened: by task, the
            weight of positives and of all labelled items, float [T, 2]. They say more of a task's
            level where the lists differ from them by chance alone.

    Returns:
        The calibration; a task without positives, or with nothing else, keeps its logits.
    """
    observed = lists.observed()
    knots = choose_knots(observed)
    curves = [fit_curve(task, knots) for task in observed]
    calibrated = [
        interpolated(task.logits, knots, curve)
        for task, curve in zip(observed, curves, strict=True)
    ]
    shifts = _shifts(observed, calibrated, lists, places)
    if elsewhere is not None:
        known = zip(curves, observed, calibrated, elsewhere, strict=True)
        curves = [curve + level_shift(task, said, *totals) for curve, task, said, totals in known]
    return Calibration(
        tasks=tuple(tasks),
        first=float(knots[0]),
        step=float(knots[1] - knots[0]),
        curves=tuple(tuple(curve.tolist()) for curve in curves),
        descending=descending,
        shifts=shifts,
    )


def _shifts(
    observed: Sequence[Observed],
    calibrated: Sequence[Floats],
    lists: ScoredLists,
    places: Mapping[Place, PlaceIds],
) -> dict[Place, Shifts]:
    """The shifts of all tasks, by kind of place."""
    compared = {
        role: _compared(ids.values_of(lists.ids[role]), len(ids.values), lists)
        for role, ids in places.items()
    }
    found = [
        fit_shifts(
            task,
            said,
            [of_lists[task.lists] for of_lists, _ in compared.values()],
            [len(values) for _, values in compared.values()],
        )
        for task, said in zip(observed, calibrated, strict=True)
    ]
    return {
        role: Shifts(
            feature=places[role].feature,
            values=tuple(places[role].values[value] for value in values),
            of_tasks=tuple(tuple(of_task[number].tolist()) for of_task in found),
        )
        for number, (role, (_, values)) in enumerate(compared.items())
    }


def _compared(values: Integers, number: int, lists: ScoredLists) -> tuple[Integers, list[int]]:
    """The values with enough lists: which of them each list has, from 1, else 0; and the values."""
    counted = (values >= 0) & (lists.weights > 0) & (lists.row_lengths > 0)
    enough = np.bincount(values[counted], minlength=number) >= FEWEST_LISTS
    numbers = np.where(enough, np.cumsum(enough), 0)
    return np.append(numbers, 0)[values], np.flatnonzero(enough).tolist()
