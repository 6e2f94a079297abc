"""What lists that are still open say about each stage of the funnel: labels, weights, delays.

A stage is what comes between an action and the one before: from a click to the purchase after it,
or from a purchase to sending it back. With p the probability of the stage, given the one before,
and F(u) the share of its events that have come u after that one:

    the event has come                       y = 1
    it has not, though the one before has    y = p (1 - F(u)) / (1 - p F(u))
    the one before has not come either       y = its y times p

y is the probability of the label given all that has been seen; with it, the gradient of a cross
entropy is that of the likelihood of what was seen (an EM step; Chapelle 2014). Where the window has
closed F is 1, and y is the label.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import tensorflow as tf

from data.definition import keys
from data.definition.dataset import Dataset
from data.definition.task import Task
from models.feedback.delays import Delay

_PROBABILITIES = 1e-6


@dataclass(frozen=True)
class Stage:
    """What is known of one task's label; all shapes are [N].

    Attributes:
        label: probability of the label, given what has been seen; NaN where nothing is known.
        seen: whether the action has been seen: 0, 1, NaN where unknown.
        weight: how often an item stands for such as were not seen as they are:
            P(label) / P(what was seen), for the label as it was seen (FSIW).
        since: seconds from the list to the action, where it was seen, else to the stage before.
        likelihood: log of the density of delays that were seen, counted in windows, and of waiting
            for the others by the chance that there is something to wait for; 0 where the delay
            says nothing.
        informative: whether it says something: 0 or 1.
    """

    label: tf.Tensor
    seen: tf.Tensor
    weight: tf.Tensor
    since: tf.Tensor
    likelihood: tf.Tensor | None = None
    informative: tf.Tensor | None = field(default=None)


def stages(
    dataset: Dataset,
    inputs: Mapping[str, tf.Tensor],
    age: tf.Tensor,
    probabilities: tf.Tensor,
    log_rates: Sequence[tf.Tensor],
    waits: bool,
) -> list[Stage]:
    """What is known of the label of each task.

    Args:
        dataset: tasks and windows.
        inputs: by key, float [N]: labels, what was seen, and delays in seconds.
        age: seconds for which each item's list has been seen, float [N].
        probabilities: of the T tasks, float [N, T]; passes no gradient.
        log_rates: of each task's delay, float [N]; unused for tasks without one. They pass a
            gradient to `likelihood` alone.
        waits: whether events that have not come say something of delays (survival); else delays
            are those of the events that came (FSIW).

    Returns:
        A stage a task.
    """
    shares = tf.unstack(tf.stop_gradient(probabilities), axis=1)
    found: dict[str, Stage] = {}
    probability = {task.name: one for task, one in zip(dataset.tasks, shares, strict=True)}
    for task, log_rate in zip(dataset.tasks, log_rates, strict=True):
        if not task.has_delays:
            found[task.name] = _plain(task, inputs)
            continue
        before = dataset.stage_before(task)
        share = probability[task.name]
        if before is not None:
            given = share / tf.maximum(probability[before.name], _PROBABILITIES)
            # Where nobody knows of the stage before, there is nothing to condition on.
            share = tf.where(tf.math.is_nan(found[before.name].seen), share, given)
        stage_before = None if before is None else found[before.name]
        stage = _Open(task, inputs, age, log_rate, waits, stage_before)
        found[task.name] = stage.of(tf.clip_by_value(share, _PROBABILITIES, 1 - _PROBABILITIES))
    return [found[task.name] for task in dataset.tasks]


def _plain(task: Task, inputs: Mapping[str, tf.Tensor]) -> Stage:
    label = inputs[keys.label(task.name)]
    since = inputs.get(keys.delay(task.name), tf.fill(tf.shape(label), float("nan")))
    known = tf.where(tf.math.is_nan(since), tf.zeros_like(since), since)
    return Stage(label, label, tf.ones_like(label), known)


class _Open:
    """A stage whose window may be open."""

    def __init__(
        self,
        task: Task,
        inputs: Mapping[str, tf.Tensor],
        age: tf.Tensor,
        log_rate: tf.Tensor,
        waits: bool,
        before: Stage | None,
    ) -> None:
        self._undone = task.undone_by is not None
        self._waits = waits
        self._known = inputs[keys.label(task.name)]
        self._seen = inputs[keys.seen(task.name)]
        self._delay = inputs[keys.delay(task.name)]
        zero, one = tf.zeros_like(age), tf.ones_like(age)
        # What the stage before left open, and when it came; the list itself for the first one.
        reached = one if before is None else before.seen
        self._unknown_before = tf.math.is_nan(reached)
        self._reached = self._unknown_before | (reached > 0)
        self._label_before = one if before is None else before.label
        self._weight_before = one if before is None else before.weight
        since = zero if before is None else before.since
        self._since = tf.where(self._reached, since, zero)
        event = inputs[keys.undone(task.name)] if self._undone else self._delay
        self._event = ~tf.math.is_nan(event) & self._reached
        assert task.window is not None
        self._unit = float(task.window)
        window = tf.maximum(float(task.window) - self._since, 1.0)
        self._elapsed = tf.clip_by_value(age - self._since, 0.0, window)
        self._taken = tf.clip_by_value(
            tf.where(self._event, event - self._since, zero), 0.0, window
        )
        self._delays = Delay(log_rate, window)

    def of(self, share: tf.Tensor) -> Stage:
        """The stage, whose label has a probability given the stage before, float [N]."""
        within = tf.stop_gradient(self._delays.within(self._elapsed))
        # An action is taken back with the probability that is left.
        chance = 1 - share if self._undone else share
        waiting = chance * (1 - within) / (1 - chance * within)
        nothing, certain = tf.zeros_like(share), tf.ones_like(share)
        happened = self._event if self._undone else self._seen > 0
        yes, pending = (nothing, 1 - waiting) if self._undone else (certain, waiting)
        label = tf.where(
            self._reached, tf.where(happened, yes, pending), self._label_before * share
        )
        label = tf.where(tf.math.is_nan(self._known), label, self._known)
        label = tf.where(tf.math.is_nan(self._seen), self._seen, label)
        own = tf.where(
            happened, 1 / tf.maximum(within, _PROBABILITIES), (1 - chance) / (1 - chance * within)
        )
        weight = self._weight_before * tf.where(self._reached, own, certain)
        return Stage(
            label,
            self._seen,
            weight,
            tf.where(tf.math.is_nan(self._delay), self._since, self._delay),
            *self._likelihood(label, happened),
        )

    def _likelihood(self, label: tf.Tensor, happened: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        zero = tf.zeros_like(label)
        labelled = ~tf.math.is_nan(label)
        # Labels that follow from a later action have no time of their own.
        timed = self._event & happened & labelled
        # The density of a delay counted in windows, so that its size does not go by a unit of time.
        came = self._delays.log_density(self._taken) + math.log(self._unit)
        waits = self._reached & ~happened & labelled & (self._elapsed < self._delays.window)
        if not self._waits:
            waits = tf.zeros_like(waits)
            came -= tf.math.log(tf.maximum(self._delays.within(self._elapsed), _PROBABILITIES))
        due = tf.stop_gradient(1 - label if self._undone else label)
        due = tf.where(waits, due, zero)
        elapsed = tf.where(waits, self._elapsed, zero)
        likelihood = tf.where(timed, came, zero) + due * self._delays.log_survival(elapsed)
        return likelihood, tf.cast(timed, label.dtype) + due
