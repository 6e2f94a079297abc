"""Learning from labels that are not in yet; nothing of it is part of the model that is served."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from data.definition import keys
from data.definition.dataset import Dataset
from models.config import TrainingConfig
from models.features.layout import ROW_LENGTHS
from models.feedback.check import check_feedback
from models.feedback.stages import Stage, stages
from models.layers.seeds import derived_seed
from models.layers.streams import STREAMS
from models.losses.listwise_loss import ListwiseLoss
from models.losses.task_loss import WeightedLosses
from models.predictions import Predictions
from models.ranking_model import RankingModel
from models.replicas import summed

Batch = Mapping[str, tf.Tensor]

# Weights are clipped here, so that few items with hardly a chance to be seen do not rule a batch.
LARGEST_WEIGHT = 10.0
_HIDDEN_UNITS = 32


class Taught(NamedTuple):
    """What a training batch is learnt from.

    Attributes:
        losses: of each task, float [T], before the task's weight.
        delays: the loss of the delays, float [].
    """

    losses: tf.Tensor
    delays: tf.Tensor


class LateFeedback(tf.Module):
    """Losses of labels that are not in yet.

    `as_seen` takes what has not been seen for not done. `fsiw` weighs it (pointwise losses), and
    `survival` takes the likelihood of what was seen. Listwise losses take the probability of each
    label given what was seen, as a gain, in both; a list counts by the chance that anything in it
    is relevant. See `models.feedback.stages`.

    Args:
        dataset: tasks and windows.
        model: a built model.
        training: the way, and the seed.

    Raises:
        InputError: see `check_feedback`.

    Source:
        Chapelle 2014 (survival); Yasui et al. 2020, "A Feedback Shift Correction in Predicting
        Conversion Rates under Delayed Feedback" (fsiw).
    """

    def __init__(self, dataset: Dataset, model: RankingModel, training: TrainingConfig) -> None:
        super().__init__(name="late_feedback")
        check_feedback(dataset, training)
        self._dataset = dataset
        self._model = _Untracked(model)
        self._way = training.feedback
        self._grades = [task.grade for task in dataset.tasks]
        self._heads: tf.keras.Sequential | None = None
        if training.models_delays:
            seed = derived_seed(training.seed, "delays")
            self._heads = _heads(sum(model.streams.widths().values()), len(dataset.tasks), seed)

    def taught(self, batch: Batch, predictions: Predictions) -> Taught:
        """The losses of a training batch.

        Args:
            batch: what the reader gives.
            predictions: of the batch, in training.
        """
        if self._heads is None:
            losses = self._model.it.objective.of_tasks(self._as_seen(batch), predictions)
            return Taught(losses, tf.constant(0.0))
        found = self.stages(batch, predictions)
        modelled = [
            self._task_loss(number, batch, predictions, found) for number in range(len(found))
        ]
        return Taught(tf.stack(modelled), _mean_delay_loss(found, batch))

    def stages(self, batch: Batch, predictions: Predictions) -> list[Stage]:
        """What is known of each task's label; see `models.feedback.stages`."""
        assert self._heads is not None
        streams = self._model.it.streams(batch)
        inputs = tf.stop_gradient(tf.concat([streams[name] for name in STREAMS], axis=1))
        rates = tf.unstack(self._heads(inputs), axis=1)
        log_rates = [
            _at_most_one(rate - tf.math.log(float(task.window or 1)))
            for task, rate in zip(self._dataset.tasks, rates, strict=True)
        ]
        age = _of_items(batch[keys.LIST_AGE], batch)
        waits = self._way == "survival"
        probabilities = self._model.it.probabilities_of(predictions.product)
        return stages(self._dataset, batch, age, probabilities, log_rates, waits)

    def seen_and_clipped(self, batch: Batch, predictions: Predictions) -> tf.Tensor:
        """Sums of a batch for the report, float [T, 4].

        Args:
            batch: what the reader gives.
            predictions: of the batch.

        Returns:
            By task: labels that have been seen among those that are to be expected, these
            themselves, weight that was clipped off, and all weight; by list weight.
        """
        weight = _of_items(batch[keys.LIST_WEIGHT], batch)
        rows = []
        for stage in self.stages(batch, predictions):
            known = ~tf.math.is_nan(stage.label)
            expected = tf.where(known, stage.label * weight, 0.0)
            seen = tf.where(stage.seen > 0, expected, 0.0)
            counted = tf.where(known, stage.weight * weight, 0.0)
            over = tf.where(known, tf.nn.relu(stage.weight - LARGEST_WEIGHT) * weight, 0.0)
            rows.append([tf.reduce_sum(one) for one in (seen, expected, over, counted)])
        return tf.convert_to_tensor(rows)

    def told(self, batches: tf.data.Dataset) -> list[str]:
        """Lines for people: how much had been seen, and how much weight was clipped off.

        Args:
            batches: all training lists, once.
        """

        @tf.function(input_signature=[batches.element_spec], autograph=False)
        def judge(batch: Batch) -> tf.Tensor:
            return self.seen_and_clipped(batch, self._model.it(batch, training=False))

        sums = np.stack([judge(batch).numpy() for batch in batches]).astype(np.float64).sum(axis=0)
        lines = []
        for task, (seen, expected, clipped, weight) in zip(
            self._dataset.tasks, sums.tolist(), strict=True
        ):
            if task.has_delays and expected > 0:
                line = (
                    f"{task.name}: {seen / expected:.0%} of what is expected of the training lists"
                    f" within {task.matures_after} has been seen, the rest is still to come"
                )
                if self._way == "fsiw":
                    line += (
                        f"; {clipped / weight:.2%} of all weight lay above the largest weight of"
                        f" an item, {LARGEST_WEIGHT:g}, and was cut off"
                    )
                lines.append(line)
        return lines

    def _as_seen(self, batch: Batch) -> Batch:
        windowed = [task.name for task in self._dataset.tasks if task.window is not None]
        return {**batch, **{keys.label(name): batch[keys.seen(name)] for name in windowed}}

    def _task_loss(
        self, number: int, batch: Batch, predictions: Predictions, found: list[Stage]
    ) -> tf.Tensor:
        task, stage = self._dataset.tasks[number], found[number]
        objective = self._model.it.objective
        lengths = batch[ROW_LENGTHS]

        def ragged(values: tf.Tensor) -> tf.RaggedTensor:
            return tf.RaggedTensor.from_row_lengths(values, lengths, validate=False)

        logits = ragged(predictions.logits[:, number])
        product = ragged(predictions.product[:, number])
        losses: WeightedLosses = objective.loss_functions[task.name]
        gains = [one.label for one in found] if objective.task_losses[task.name].graded else None
        gain = stage.label if gains is None else expected_gain(gains, self._grades)
        weights = batch[keys.LIST_WEIGHT]
        total = tf.constant(0.0)
        for name, loss in losses.losses.items():
            if isinstance(loss, ListwiseLoss):
                by_chance = weights * chance_of_any(ragged(gain))
                # Losses make 2^relevance - 1 of it.
                relevance = tf.math.log(1 + gain) / tf.math.log(2.0)
                of_all = losses.divisor_weights(weights, tf.size(weights))
                value = loss(ragged(relevance), logits, by_chance, of_all)
            else:
                label, weight = self._pointwise(stage)
                of_items = ragged(weight * _of_items(weights, batch))
                value = loss(ragged(label), product, of_items)
            total += losses.weights[name] * value
        return total

    def _pointwise(self, stage: Stage) -> tuple[tf.Tensor, tf.Tensor]:
        """Labels and weights of items for a cross entropy."""
        if self._way == "survival":
            return stage.label, tf.ones_like(stage.weight)
        label = tf.where(
            tf.math.is_nan(stage.label), stage.label, tf.cast(stage.seen > 0, tf.float32)
        )
        return label, tf.minimum(stage.weight, LARGEST_WEIGHT)


class _Untracked:
    """Holds a model without making its variables those of the module."""

    def __init__(self, model: RankingModel) -> None:
        self.it = model


@tf.custom_gradient
def _at_most_one(log_rate: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """Log rates that are those of a mean delay of one second or more.

    Times are whole seconds. Where nearly all is done at once, rates would grow without end; above
    the bound, the gradient only draws them back.
    """
    bounded = tf.minimum(log_rate, 0.0)

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        grows = (log_rate > 0) & (upstream < 0)
        return tf.where(grows, tf.zeros_like(upstream), upstream)

    return bounded, gradient


def expected_gain(labels: list[tf.Tensor], grades: list[int]) -> tf.Tensor:
    """Mean of 2^relevance - 1 by the probabilities of labels of which each implies the previous.

    sum over m of (2^grade_m - 2^grade_(m-1)) y_m, grade_0 = 0.

    Args:
        labels: by task, float [N]; NaN where unknown.
        grades: grade of each task.

    Returns:
        float [N]; NaN where a label is unknown.
    """
    steps = [2.0**grade - 2.0**before for grade, before in zip(grades, [0, *grades], strict=False)]
    return tf.add_n([step * label for step, label in zip(steps, labels, strict=True)])


def chance_of_any(gain: tf.RaggedTensor) -> tf.Tensor:
    """Chance that anything in a list is relevant: 1 - product of (1 - min(gain, 1)); float [B]."""
    values = gain.flat_values
    known = tf.where(tf.math.is_nan(values), tf.zeros_like(values), tf.minimum(values, 1.0))
    none = tf.math.log(tf.maximum(1 - known, 1e-30))
    of_lists = tf.math.unsorted_segment_sum(none, gain.value_rowids(), gain.nrows())
    return -tf.math.expm1(of_lists)


def _mean_delay_loss(found: list[Stage], batch: Batch) -> tf.Tensor:
    """Mean by weight over all events that came or are due, of all tasks."""
    weight = _of_items(batch[keys.LIST_WEIGHT], batch)
    total, of = tf.constant(0.0), tf.constant(0.0)
    for stage in found:
        if stage.likelihood is not None:
            total -= tf.reduce_sum(weight * stage.likelihood)
            of += tf.reduce_sum(weight * stage.informative)
    return tf.math.divide_no_nan(total, summed(of))


def _of_items(values: tf.Tensor, batch: Batch) -> tf.Tensor:
    """Values of lists, [B], for each of their items [N]."""
    return tf.repeat(values, batch[ROW_LENGTHS])


def _heads(width: int, tasks: int, seed: int | None) -> tf.keras.Sequential:
    """A small network from all features to the log rate of each task's delay.

    It starts at one over the window for every item.
    """
    hidden = tf.keras.initializers.GlorotUniform(seed)
    heads = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(_HIDDEN_UNITS, "relu", kernel_initializer=hidden),
            tf.keras.layers.Dense(tasks, kernel_initializer="zeros"),
        ],
        name="delays",
    )
    heads.build((None, width))
    return heads
