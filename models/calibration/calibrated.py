"""A calibration as a part of the exported graph."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from data.artifacts.calibration import Calibration, Place, Shifts
from models.calibration.places import PlaceIds
from models.features.item_lists import ItemLists
from models.features.layout import ROW_LENGTHS
from models.layers.descending_probability import LARGEST_LOGIT, descending_probabilities

# What a task's logits lie below those of the task before at least: more than 32 bits round off.
MARGIN = 1e-5


class Calibrated(tf.Module):
    """Turns the logits of a network into the probabilities of `data.artifacts.calibration`.

    Args:
        calibration: what was fitted.
        places: ids of the features that say the region and the platform.
        sizes: number of ids of each categorical feature.
    """

    def __init__(
        self,
        calibration: Calibration,
        places: Mapping[Place, PlaceIds],
        sizes: Mapping[str, int],
    ) -> None:
        super().__init__(name="calibrated")
        self._first, self._step = calibration.first, calibration.step
        self._curves = np.array(calibration.curves, np.float32)
        self._descending = calibration.descending
        self._places = [places[role] for role in calibration.shifts]
        self._shifts = [
            _by_id(shifts, places[role], sizes[shifts.feature])
            for role, shifts in calibration.shifts.items()
        ]

    def __call__(self, logits: tf.Tensor, inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Calibrates items.

        Args:
            logits: float [N, T].
            inputs: what the transform graph puts out, of B lists.

        Returns:
            Probabilities, float [N, T].
        """
        to_probabilities = descending_probabilities if self._descending else tf.sigmoid
        return to_probabilities(self._lists_logits(logits, inputs))

    def offsets(self, logits: tf.Tensor, inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """What the items' lists add to `curve`, float [N, T]: the same for all of a list."""
        return self._lists_logits(logits, inputs) - self.curve(logits)

    def _lists_logits(self, logits: tf.Tensor, inputs: Mapping[str, tf.Tensor]) -> tf.Tensor:
        lists = ItemLists(inputs[ROW_LENGTHS], tf.shape(logits)[0])
        calibrated = self.curve(logits)
        for place, shifts in zip(self._places, self._shifts, strict=True):
            calibrated += lists.of_items(tf.gather(shifts, place.of_lists(inputs)))
        return _lowered(calibrated, lists) if self._descending else calibrated

    def curve(self, logits: tf.Tensor) -> tf.Tensor:
        """The calibrated logits, float [N, T], before what belongs to the items' lists."""
        tasks, knots = self._curves.shape
        place = (logits - self._first) / self._step
        inside = tf.clip_by_value(place, 0.0, knots - 1.0)
        below = tf.minimum(tf.floor(inside), knots - 2.0)
        # An item without a finite logit must not be looked up anywhere, and keeps none.
        known = tf.where(tf.math.is_nan(below), 0.0, below)
        cell = tf.cast(known, tf.int32) + knots * tf.range(tasks)
        values = tf.constant(self._curves.ravel())
        low, high = tf.gather(values, cell), tf.gather(values, cell + 1)
        return low + (high - low) * (inside - below) + (place - inside) * self._step


def _by_id(shifts: Shifts, places: PlaceIds, size: int) -> np.ndarray:
    """Shifts by id of a feature, float32 [ids, T]; 0 of the ids of missing and unknown places."""
    found = np.zeros((size, len(shifts.of_tasks)), np.float32)
    ids = [places.first + places.values.index(value) for value in shifts.values]
    found[ids] = np.array(shifts.of_tasks, np.float32).T
    return found


def _lowered(logits: tf.Tensor, lists: ItemLists) -> tf.Tensor:
    """Lowers a task's logits in lists where an item's are not below those of the task before."""
    tasks = tf.unstack(logits, axis=1)
    found = tasks[:1]
    for own in tasks[1:]:
        above = own - found[-1] + MARGIN
        # The network's own logits descend no further: one such item may not lower its whole list.
        excess = tf.where((above > 0) & (found[-1] > -LARGEST_LOGIT), above, 0.0)
        found.append(own - lists.of_items(lists.largest(excess)))
    return tf.stack(found, axis=1)
