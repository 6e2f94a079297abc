"""Losses and ranking metrics of the validation lists, once an epoch."""

import itertools
import json
import math
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from data.artifacts.calibration import place_features
from data.definition import keys
from data.definition.dataset import Dataset
from models.calibration.fitting import ScoredLists
from models.config import TrainingConfig
from models.features.layout import ROW_LENGTHS, column_of_ids, ids_key
from models.position_bias.position_bias import PositionBias
from models.ranking_model import RankingModel
from models.training.losses_of_epoch import LOSS, LOSS_BY_LISTS, loss_of
from models.training.metrics import GRADED_NDCG, validation_metrics
from models.training.progress import TRAINING_LOGGER
from models.training.workers import Workers

# Left to itself, Keras would rewrite all of TF-Ranking's metrics by AutoGraph, which takes seconds.
_metrics = tf.autograph.experimental.do_not_convert(validation_metrics)

_IN_WORDS = {
    LOSS_BY_LISTS: "smallest validation loss by lists, {:.3f} (a task counts by the lists in which"
    " it was done)",
    LOSS: "smallest validation loss, {:.3f}",
    GRADED_NDCG: "largest graded NDCG of validation lists, {:.3f}",
}


class Validation:
    """Judges a model by validation lists.

    Args:
        dataset: the dataset.
        model: the model.
        config: where NDCG is cut off, and which tasks are graded.
        batches: this worker's batches of validation lists, again and again.
        number: number of batches that are all validation lists, of all workers; there may be none.
        workers: those that judge together.
        position_bias: what training does about it: losses are those of lists as they were shown,
            rankings and probabilities those that are served. None does nothing.
    """

    def __init__(
        self,
        dataset: Dataset,
        model: RankingModel,
        config: TrainingConfig,
        batches: tf.data.Dataset,
        number: int,
        workers: Workers,
        position_bias: PositionBias | None = None,
    ) -> None:
        self._model = model
        self._tasks = dataset.tasks
        self._at = config.ndcg_at
        self._graded = [name for name, task in model.objective.task_losses.items() if task.graded]
        self._number = len(range(workers.cluster.index, number, workers.cluster.number))
        self._batches = iter(batches) if self._number else iter(())
        self._any = number > 0
        self._workers = workers
        self._said: dict[str, int] | None = None
        self._places = {
            role: column_of_ids(dataset, feature)
            for role, feature in place_features(dataset).items()
        }

        @tf.function(input_signature=[batches.element_spec], autograph=False)
        def judge(batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            predictions = model(batch, training=False)
            labels = [batch[keys.label(task.name)] for task in dataset.tasks]
            seen = position_bias.seen(batch) if position_bias else batch
            shown = model(seen, training=False) if position_bias else predictions
            return {
                **{
                    loss_of(task): sums[tf.newaxis]
                    for task, sums in model.objective.sums(seen, shown).items()
                },
                "labels": tf.stack(labels, axis=1),
                "logits": predictions.logits,
                "probabilities": predictions.probabilities,
                "score": predictions.score,
                "row_lengths": batch[ROW_LENGTHS],
                "weights": batch[keys.LIST_WEIGHT],
                **{
                    role: batch[ids_key("context")][:, column]
                    for role, column in self._places.items()
                },
            }

        self._judge = judge

    def run(self) -> dict[str, float]:
        """Judges the model as it is.

        Returns:
            `loss_TASK`, the mean by weight as training has it (`mean_over`), however lists are
            batched, NaN where none has anything to learn; `loss`, the weighted sum of
            those that are measured; `loss_by_lists`, the mean of the tasks' losses over their
            relevant lists (`mean_over`), by the weight of these, times the task's; `TASK_ndcg`,
            `TASK_mrr` and `graded_ndcg`.
            The latter and `loss_by_lists` are NaN where no list has anything relevant. Empty
            without lists. It is the chief's word on all workers, since they must agree on when to
            stop.
        """
        if not self._any:
            return {}
        joined = self._joined()
        metrics = self._metrics(joined) if self._workers.is_chief else {}
        return json.loads(self._workers.told_by_chief(json.dumps(metrics)))

    def scored(self) -> ScoredLists | None:
        """All validation lists of all workers, as the model scores them; None without lists."""
        if not self._any:
            return None
        joined = self._joined()
        return ScoredLists(
            joined["logits"],
            joined["labels"],
            joined["row_lengths"],
            joined["weights"],
            {role: joined[role] for role in self._places},
        )

    def _joined(self) -> dict[str, np.ndarray]:
        """What was judged, of all batches of all workers."""
        judged = [self._judge(batch) for batch in itertools.islice(self._batches, self._number)]
        nothing = self._judge.get_concrete_function().structured_outputs
        return {
            name: self._workers.gathered(
                np.concatenate(
                    [part[name].numpy() for part in judged]
                    or [np.zeros([0, *spec.shape[1:]], spec.dtype.as_numpy_dtype)]
                )
            )
            for name, spec in nothing.items()
        }

    def _metrics(self, joined: Mapping[str, np.ndarray]) -> dict[str, float]:
        metrics = _metrics(
            self._tasks,
            joined["labels"],
            joined["probabilities"],
            joined["score"],
            joined["row_lengths"],
            joined["weights"],
            at=self._at,
            graded_tasks=self._graded,
        )
        self._say_what_does_not_count(metrics.not_counted, metrics.lists)
        return {**self._losses(joined), **metrics.values}

    def _losses(self, joined: Mapping[str, np.ndarray]) -> dict[str, float]:
        functions = self._model.objective.loss_functions
        sums = {name: joined[loss_of(name)].sum(axis=0, dtype=np.float64) for name in functions}
        trained = {name: loss.mean_as_trained(sums[name]) for name, loss in functions.items()}
        weights = {name: task.weight for name, task in self._model.objective.task_losses.items()}
        measured = [name for name, loss in trained.items() if not np.isnan(loss)]
        total = sum(weights[name] * trained[name] for name in measured)
        lists = dict(zip(functions, _lists_with_actions(joined), strict=True))
        told = {name: weights[name] * lists[name] for name in measured}
        by_lists = sum(
            share * functions[name].mean_over_relevant(sums[name]) for name, share in told.items()
        )
        return {
            **{loss_of(name): loss for name, loss in trained.items()},
            LOSS: total if measured else math.nan,
            LOSS_BY_LISTS: by_lists / sum(told.values()) if any(told.values()) else math.nan,
        }

    def _say_what_does_not_count(self, not_counted: dict[str, int], lists: int) -> None:
        if not_counted == self._said:
            return
        self._said = not_counted
        for name, count in not_counted.items():
            TRAINING_LOGGER.info("validation: %s: %d of %d lists not counted", name, count, lists)


def _lists_with_actions(joined: Mapping[str, np.ndarray]) -> list[float]:
    """The weight of the lists in which each task was done."""
    lengths = joined["row_lengths"]
    list_of_item = np.repeat(np.arange(len(lengths)), lengths)
    # Unknown labels are NaN, which is not above 0.
    done = [list_of_item[labels > 0] for labels in joined["labels"].T]
    weights = joined["weights"].astype(np.float64)
    return [float(weights[np.unique(lists)].sum()) for lists in done]


def to_maximise(metrics: Mapping[str, float], by: str) -> float | None:
    """What early stopping goes by: graded NDCG of the score, or a loss, taken negative.

    Args:
        metrics: of the validation lists.
        by: `graded_ndcg`, `loss` or `loss_by_lists`.

    Returns:
        The value. Where no validation list has anything relevant, it is that of the loss; None
        where there is nothing to judge by.
    """
    name = deciding(metrics, by)
    if name is None:
        return None
    return metrics[name] if name == GRADED_NDCG else -metrics[name]


def deciding(metrics: Mapping[str, float], by: str) -> str | None:
    """The metric that early stopping goes by: the one asked for, or the loss where it is NaN."""
    return next((name for name in (by, LOSS) if math.isfinite(metrics.get(name, math.nan))), None)


def told_kept(epoch: int, metrics: Mapping[str, float], by: str) -> str:
    """Says in plain words why an epoch is kept.

    Args:
        epoch: its number.
        metrics: its metrics of the validation lists.
        by: see `to_maximise`.
    """
    name = deciding(metrics, by)
    if name is None:
        return f"epoch {epoch} is kept, the last one: no validation list tells epochs apart"
    return f"epoch {epoch} is kept: it has the {_IN_WORDS[name].format(metrics[name])}"
