"""What a model is trained for: the loss of each task, in a batch and over many, and their sum."""

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_recommenders as tfrs

from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import CHAIN, TaskLoss, TrainingConfig
from models.features.layout import ROW_LENGTHS
from models.layers.seeds import derived_seed
from models.losses.behavioural_calibrator import behavioural_calibrator
from models.losses.task_loss import Labels, Logits, build_loss, graded_relevance
from models.position_bias.columns import EXAMINATION_WEIGHT
from models.predictions import Predictions


class Objective:
    """The losses of a model's tasks, and what its probabilities should not do.

    Args:
        dataset: the tasks.
        training: losses, their weights, and the seed.
        step: steps that were trained, int64 [], which draws of losses follow.
        combined: whether logits are combined of the product's and those of its factors.

    Attributes:
        task_losses: what each task is trained by, by its name.
        loss_functions: the same as functions.

    Raises:
        InputError: the configuration names a task that the dataset does not have.
    """

    def __init__(
        self, dataset: Dataset, training: TrainingConfig, step: tf.Variable, combined: bool
    ) -> None:
        self._tasks = dataset.tasks
        self._combined = combined
        self._calibrator = training.behavioural_calibrator
        self.task_losses = _task_losses([task.name for task in dataset.tasks], training)
        seeds = {name: derived_seed(training.seed, "loss", name) or 0 for name in self.task_losses}
        self.loss_functions = {
            name: build_loss(loss, seeds[name], lambda: step)
            for name, loss in self.task_losses.items()
        }
        self._of_batches = [
            tfrs.tasks.Ranking(loss, name=f"task_{name}")
            for name, loss in self.loss_functions.items()
        ]

    def of_tasks(self, inputs: Mapping[str, tf.Tensor], predictions: Predictions) -> tf.Tensor:
        """The loss of each task in a training batch, float [T], before the task's weight.

        Args:
            inputs: labels by `label_TASK`, float [N], NaN where missing; `list_weight`, float [B];
                `row__lengths`, int64 [B]; `EXAMINATION_WEIGHT`, float [N], where what was done
                counts by it.
            predictions: of the N items.

        Returns:
            A loss a task.
        """
        weights = inputs[keys.LIST_WEIGHT]
        targets = self._targets(inputs, predictions)
        return tf.stack(
            [
                task(target, scores, sample_weight=weights)
                for task, (target, scores) in zip(self._of_batches, targets, strict=True)
            ]
        )

    def sums(
        self, inputs: Mapping[str, tf.Tensor], predictions: Predictions
    ) -> dict[str, tf.Tensor]:
        """What a batch adds to each task's loss over many batches.

        Args:
            inputs: see `of_tasks`.
            predictions: of the N items.

        Returns:
            By task, float [losses, 3]; see `WeightedLosses.sums`.
        """
        weights = inputs[keys.LIST_WEIGHT]
        targets = self._targets(inputs, predictions)
        return {
            name: loss.sums(target, scores, weights)
            for (name, loss), (target, scores) in zip(
                self.loss_functions.items(), targets, strict=True
            )
        }

    def _targets(
        self, inputs: Mapping[str, tf.Tensor], predictions: Predictions
    ) -> list[tuple[Labels, tf.RaggedTensor | Logits]]:
        """Labels and logits of each task, as its loss takes them."""
        lengths = inputs[ROW_LENGTHS]
        tasks = self._tasks
        labels = tf.stack([inputs[keys.label(task.name)] for task in tasks], axis=1)
        graded = graded_relevance(labels, [task.grade for task in tasks])

        def ragged(values: tf.Tensor) -> tf.RaggedTensor:
            return tf.RaggedTensor.from_row_lengths(values, lengths, validate=False)

        weights = inputs.get(EXAMINATION_WEIGHT)
        item_weights = None if weights is None else ragged(weights)
        targets = []
        for number, task in enumerate(tasks):
            chosen = self.task_losses[task.name]
            scores = ragged(predictions.logits[:, number])
            relevance = ragged(graded) if chosen.graded else None
            target = Labels(ragged(labels[:, number]), relevance, weights=item_weights)
            if CHAIN in chosen.losses:
                target = target._replace(before=ragged(labels[:, number - 1]) if number else None)
            if CHAIN in chosen.losses or self._combined:
                factor, product = predictions.factors[:, number], predictions.product[:, number]
                scores = Logits(scores, ragged(factor), ragged(product))
            targets.append((target, scores))
        return targets

    def total(self, losses: tf.Tensor) -> tf.Tensor:
        """The weighted sum of the tasks' losses, from `of_tasks`."""
        weights = [self.task_losses[task.name].weight for task in self._tasks]
        return tf.tensordot(tf.constant(weights), losses, axes=1)

    def rises(self, inputs: Mapping[str, tf.Tensor], predictions: Predictions) -> tf.Tensor:
        """What the behavioural calibrator adds to the total, by its weight.

        Args:
            inputs: see `of_tasks`.
            predictions: of the N items.

        Returns:
            float [].
        """
        if not self._calibrator:
            return tf.constant(0.0)
        lengths, weights = inputs[ROW_LENGTHS], inputs[keys.LIST_WEIGHT]
        found = behavioural_calibrator(predictions.probabilities, lengths, weights)
        return self._calibrator * found


def _task_losses(names: list[str], config: TrainingConfig) -> dict[str, TaskLoss]:
    unknown = sorted(set(config.task_losses) - set(names))
    if unknown:
        raise InputError(f"training: task_losses: no such task: {unknown}; the tasks are {names}")
    return {name: config.task_losses.get(name, config.default_loss) for name in names}
