"""Calibration: from the logits of a network to probabilities that come true."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from scipy.special import expit, logit

from data.artifacts.model_part import ModelPart
from data.definition.base import Definition
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.metrics.ranked import Floats

Place = Literal["region", "platform"]
PLACES: tuple[Place, ...] = ("region", "platform")


class Shifts(Definition):
    """What the regions, or the platforms, add to the calibrated logits.

    Attributes:
        feature: name of the context feature that says the place.
        values: the places that have shifts; all others have none.
        of_tasks: a shift for each task and place, [T][values].
    """

    feature: str
    values: tuple[str, ...]
    of_tasks: tuple[tuple[float, ...], ...]


class Calibration(ModelPart):
    """A strictly increasing curve for each task, in logits, and shifts by region and platform.

    logit p_m = F_m(logit of the network) + shift_m(region) + shift_m(platform). F_m is linear
    between knots that all tasks share, and has the slope 1 beyond them. Where probabilities
    descend, task m's logits of a whole list are then lowered by the largest excess of one of its
    items over task m - 1, in the order of the tasks. So no order of a task within a list changes.
    Items whose logit of task m - 1 is below -30 do not count: their task m gets its probability.

    Attributes:
        version: of this form.
        tasks: names of the T tasks.
        first: the first knot, a logit.
        step: from knot to knot.
        curves: F at the K knots, [T][K].
        descending: whether a task's probability is at most that of the task before.
        shifts: by kind of place, as far as a feature says it.
    """

    PLACE: ClassVar[str] = "calibration"

    version: Literal[1] = 1
    tasks: tuple[str, ...]
    first: float
    step: float
    curves: tuple[tuple[float, ...], ...]
    descending: bool
    shifts: dict[Place, Shifts] = {}

    @property
    def knots(self) -> Floats:
        """The K knots, float [K]."""
        return self.first + self.step * np.arange(len(self.curves[0]))

    def undone(
        self, task: str, probabilities: Floats, places: Mapping[str, Sequence[str]]
    ) -> Floats:
        """What the network said before it was calibrated.

        Args:
            task: one of the tasks.
            probabilities: calibrated ones of N items, float [N].
            places: of each item, by the feature of the kind of place, [N] each.

        Returns:
            Probabilities, float [N]; in lists that were lowered, they are as much too low.
        """
        number = self.tasks.index(task)
        calibrated = logit(np.asarray(probabilities, float))
        for shifts in self.shifts.values():
            known = dict(zip(shifts.values, shifts.of_tasks[number], strict=True))
            calibrated -= [known.get(place, 0.0) for place in places[shifts.feature]]
        return expit(interpolated(calibrated, np.array(self.curves[number]), self.knots))


def interpolated(values: Floats, before: Floats, after: Floats) -> Floats:
    """The line through points (before, after), with the slope 1 beyond them.

    Args:
        values: float [N].
        before: ascending, float [K].
        after: ascending, float [K].

    Returns:
        float [N].
    """
    inside = np.clip(values, before[0], before[-1])
    return np.interp(inside, before, after) + (values - inside)


def place_features(dataset: Dataset) -> dict[Place, Feature]:
    """The features that say the region and the platform, where there are such.

    Args:
        dataset: the dataset.

    Returns:
        By kind of place, the categorical context feature of its column.
    """
    columns = {role: getattr(dataset, role) for role in PLACES}
    return {
        role: feature
        for role, column in columns.items()
        for feature in dataset.context_features
        if column and feature.column == column and feature.kind == "categorical"
    }
