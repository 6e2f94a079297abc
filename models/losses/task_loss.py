"""The loss of one task: a weighted sum of losses chosen by name."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from models.config import LossName, TaskLoss
from models.losses.approx_ndcg_loss import ApproxNDCGLoss
from models.losses.chain_loss import ChainLoss, stage_labels
from models.losses.entire_space_loss import EntireSpaceLoss
from models.losses.gumbel_approx_ndcg_loss import GumbelApproxNDCGLoss, Step
from models.losses.item_weights import counted_in_lists, examined_logits
from models.losses.lambda_loss import LambdaLoss
from models.losses.lists import list_weights, weight_of_known
from models.losses.listwise_loss import ListwiseLoss
from models.losses.mean_loss import MeanLoss
from models.losses.sigmoid_cross_entropy_loss import SigmoidCrossEntropyLoss
from models.losses.softmax_loss import SoftmaxLoss

# Labels, logits, weights of the lists as a loss takes them, and what its mean is divided by, see
# `MeanLoss`.
Taken = tuple[tf.RaggedTensor, tf.RaggedTensor, tf.Tensor | None, tf.Tensor | None]


class Labels(NamedTuple):
    """Labels of a task, and what else its losses are to know of the items.

    Attributes:
        label: whether the task's action was reached, ragged float [B, None], NaN where unknown.
        relevance: graded relevance of the item for listwise losses, ragged float [B, None], NaN
            where unknown; None where they take the label.
        before: label of the task before for `chain`, ragged float [B, None], NaN where unknown;
            None of the first task.
        weights: 1 / examination of the item, ragged float [B, None]: how often what was done to it
            counts in listwise losses, see `item_weights`; None counts all once.
    """

    label: tf.RaggedTensor
    relevance: tf.RaggedTensor | None = None
    before: tf.RaggedTensor | None = None
    weights: tf.RaggedTensor | None = None


class Logits(NamedTuple):
    """Logits of a task, each ragged float [B, None].

    Attributes:
        logit: of what lists are ordered by, for listwise losses.
        factor: of its factor in the descending probability, for `chain`.
        product: of its probability, for the other pointwise losses; `logit` but where a
            combination orders lists.
    """

    logit: tf.RaggedTensor
    factor: tf.RaggedTensor
    product: tf.RaggedTensor


class WeightedLosses(tf.keras.losses.Loss):
    """loss = sum over names of weight * loss.

    Args:
        losses: losses by name.
        weights: weight by name.
        over_all: whether listwise losses of a batch are means over all its lists, not over those
            with something relevant alone.
    """

    def __init__(
        self,
        losses: Mapping[LossName, MeanLoss],
        weights: Mapping[LossName, float],
        over_all: bool = False,
    ) -> None:
        super().__init__(name="task_loss")
        self.losses = dict(losses)
        self.weights = dict(weights)
        self._over_all = over_all

    def divisor_weights(
        self, sample_weight: tf.Tensor | None, lists: tf.Tensor
    ) -> tf.Tensor | None:
        """What listwise losses of a batch divide by, see `ListwiseLoss`.

        Args:
            sample_weight: list weights, float [B]; 1 for all by default.
            lists: number of lists, B.

        Returns:
            Weights of all lists, float [B]; None where those that count alone are divided by.
        """
        return list_weights(sample_weight, lists) if self._over_all else None

    def __call__(
        self,
        y_true: tf.RaggedTensor | Labels,
        y_pred: tf.RaggedTensor | Logits,
        sample_weight: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Computes the loss of a batch.

        Args:
            y_true: the task's labels, ragged float [B, None], NaN where missing; or `Labels`.
            y_pred: logits, ragged float [B, None]; or `Logits`.
            sample_weight: list weights, float [B]; 1 for all by default.

        Returns:
            A scalar.
        """
        total = tf.constant(0.0)
        for name, taken in self._taken(y_true, y_pred, sample_weight).items():
            total += self.weights[name] * self.losses[name](*taken)
        return total

    def sums(
        self,
        y_true: tf.RaggedTensor | Labels,
        y_pred: tf.RaggedTensor | Logits,
        sample_weight: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """What a batch adds to each loss's mean over many.

        See `mean_over_relevant` and `mean_as_trained`.

        Args:
            y_true: see `__call__`.
            y_pred: see `__call__`.
            sample_weight: list weights, float [B]; 1 for all by default.

        Returns:
            float [losses, 3]: the sum, its divisor, and what training divides by.
        """
        rows = []
        for name, taken in self._taken(y_true, y_pred, sample_weight).items():
            target, logits, weights, of_all = taken
            total, divisor = self.losses[name].sums(target, logits, weights)
            trained = divisor if of_all is None else weight_of_known(target, of_all)
            rows.append(tf.stack([total, divisor, trained]))
        return tf.stack(rows)

    def mean_over_relevant(self, sums: np.ndarray) -> float:
        """The loss of all batches together, listwise ones of the lists with something relevant.

        Args:
            sums: float [losses, 3], from `sums`, added up.

        Returns:
            The loss; NaN where no batch has anything to measure it by.
        """
        return self._mean(sums[:, 0], sums[:, 1])

    def mean_as_trained(self, sums: np.ndarray) -> float:
        """The loss of all batches together, as training has it; see `mean_over_relevant`."""
        return self._mean(sums[:, 0], sums[:, 2]) if sums[:, 1].any() else float("nan")

    def _mean(self, totals: np.ndarray, divisors: np.ndarray) -> float:
        if not divisors.any():
            return float("nan")
        means = np.divide(totals, divisors, out=np.zeros_like(totals), where=divisors > 0)
        return float(means @ [self.weights[name] for name in self.losses])

    def _taken(
        self,
        y_true: tf.RaggedTensor | Labels,
        y_pred: tf.RaggedTensor | Logits,
        sample_weight: tf.Tensor | None,
    ) -> dict[LossName, Taken]:
        """Labels, logits and weights, as each loss takes them."""
        given = y_true if isinstance(y_true, Labels) else Labels(y_true)
        logits = y_pred if isinstance(y_pred, Logits) else Logits(y_pred, y_pred, y_pred)
        labels = _binary(given.label)
        relevance = labels if given.relevance is None else given.relevance
        of_lists = relevance, sample_weight
        factor, product = logits.factor, logits.product
        if given.weights is not None:
            of_lists = counted_in_lists(relevance, given.weights, sample_weight)
            product = examined_logits(product, given.weights)
            if given.before is None:
                # Later stages are of items that were acted on, and so examined.
                factor = examined_logits(factor, given.weights)
        taken: dict[LossName, Taken] = {}
        for name, loss in self.losses.items():
            if isinstance(loss, ChainLoss):
                taken[name] = stage_labels(labels, given.before), factor, sample_weight, None
            elif isinstance(loss, ListwiseLoss):
                of_all = self.divisor_weights(sample_weight, labels.nrows())
                taken[name] = of_lists[0], logits.logit, of_lists[1], of_all
            else:
                taken[name] = labels, product, sample_weight, None
        return taken

    def call(self, y_true: Any, y_pred: Any) -> tf.Tensor:
        """The loss without list weights; see `__call__`."""
        return self(y_true, y_pred)


def build_loss(task_loss: TaskLoss, seed: int = 0, step: Step | None = None) -> WeightedLosses:
    """Makes the loss that a configuration names; without the task's weight in the total.

    Args:
        task_loss: weight by name of loss, and temperature.
        seed: seed of sampled losses, another one for each task.
        step: gives the number of the step, such as `lambda: optimizer.iterations`; sampled losses
            need it.

    Returns:
        The loss.

    Raises:
        ValueError: a sampled loss has no step.
    """
    losses = {name: _build(name, task_loss, seed, step) for name in task_loss.losses}
    return WeightedLosses(losses, task_loss.losses, task_loss.mean_over == "all_lists")


def _build(name: LossName, task_loss: TaskLoss, seed: int, step: Step | None) -> MeanLoss:
    if name == "softmax":
        return SoftmaxLoss(task_loss.temperature)
    if name == "approx_ndcg":
        return ApproxNDCGLoss(task_loss.temperature)
    if name == "lambda":
        return LambdaLoss()
    if name == "sigmoid_cross_entropy":
        return SigmoidCrossEntropyLoss()
    if name == "entire_space":
        return EntireSpaceLoss()
    if name == "chain":
        return ChainLoss()
    if step is None:
        raise ValueError(f"loss {name!r} draws random numbers: it needs the number of the step")
    return GumbelApproxNDCGLoss(task_loss.temperature, step, seed)


def _binary(labels: tf.RaggedTensor) -> tf.RaggedTensor:
    """Labels clipped to 0 and 1; NaN stays.

    Args:
        labels: ragged float [B, None].

    Returns:
        ragged float [B, None].
    """
    return labels.with_flat_values(tf.clip_by_value(labels.flat_values, 0.0, 1.0))


def graded_relevance(labels: tf.Tensor, grades: Sequence[int]) -> tf.Tensor:
    """The largest grade that an item has reached; `data.metrics.relevance` has it for NumPy.

    Relevance of an item = max over tasks of grade * label, 0 where no action was reached.

    Args:
        labels: float [N, T], above 0 where the action was reached, NaN where unknown.
        grades: grade of each of the T tasks.

    Returns:
        float [N]; NaN where an unknown label could still raise the relevance.
    """
    steps = tf.constant(grades, labels.dtype)
    reached = tf.reduce_max(tf.cast(labels > 0, labels.dtype) * steps, axis=-1)
    possible = tf.reduce_max(tf.cast(tf.math.is_nan(labels), labels.dtype) * steps, axis=-1)
    return tf.where(possible > reached, tf.constant(float("nan"), labels.dtype), reached)
