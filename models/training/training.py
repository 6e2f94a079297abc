"""The epoch loop: train, validate, keep the best weights, save, until nothing gets better."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from data.artifacts.examination import LearntExamination
from data.definition.dataset import Dataset
from data.errors import InputError
from data.notices import tell
from models.config import TrainingConfig
from models.feedback.late_feedback import LateFeedback
from models.past_actions.past_actions import PastActions
from models.position_bias.check import check_position_bias
from models.position_bias.position_bias import PositionBias, told
from models.position_bias.shown_lists import Shown
from models.ranking_model import RankingModel
from models.training.averaged_weights import AveragedWeights, assign
from models.training.checkpoints import EpochCheckpoints, TrainingState
from models.training.epoch_log import EpochLog
from models.training.funnel import check_funnel
from models.training.input_pipeline import (
    Batch,
    Reader,
    count_lists,
    training_batches,
    validation_batches,
)
from models.training.losses_of_epoch import LOSS, LossesOfEpoch
from models.training.progress import TRAINING_LOGGER, TrainingProgress, report
from models.training.train_step import (
    build_optimizer,
    build_train_step,
    learning_rate_of,
    weight_decay_of,
)
from models.training.validation import Validation, to_maximise, told_kept
from models.training.workers import ALONE, Workers

# Reports of progress within an epoch are this far apart, in seconds.
_REPORT_EVERY = 0.25


class Training:
    """Trains a model; one that was killed goes on from its last epoch, to the same result.

    Args:
        dataset: the dataset.
        model: the model; its weights are made here.
        config: the training.
        reader: turns serialized lists into model inputs.
        training_files: TFRecord files of training lists.
        validation_files: TFRecord files of validation lists; there may be none.
        checkpoints: folder for this training alone; all workers read it, the chief writes it.
        workers: those that train together, each on its share of the files and of a batch.
    """

    def __init__(
        self,
        dataset: Dataset,
        model: RankingModel,
        config: TrainingConfig,
        reader: Reader,
        training_files: Sequence[str],
        validation_files: Sequence[str],
        checkpoints: str,
        workers: Workers = ALONE,
    ) -> None:
        self.config = config
        self.state = TrainingState()
        self._dataset, self._all_files = dataset, training_files
        self._losses = model.objective.task_losses
        self._tasks = [task.name for task in dataset.tasks]
        self._workers = workers
        self._files = workers.files_of(training_files)
        self._lists_per_batch = workers.share_of(config.lists_per_batch)
        self._reader = reader
        self.position_bias: PositionBias | None = None
        with workers.scope():
            model(reader(tf.zeros([0], tf.string)))
            self._weights = model.trainable_variables
            self._feedback: LateFeedback | None = None
            if config.feedback != "mature_only":
                self._feedback = LateFeedback(dataset, model, config)
            self._past_actions = PastActions.of(model, config)
            beside = (self._feedback, self._past_actions)
            more = [one for part in beside if part for one in part.trainable_variables]
            if config.corrects_positions:
                check_position_bias(dataset, config)
                shown = Shown.of(training_files, dataset)
                over_all = self._losses[self._tasks[0]].mean_over == "all_lists"
                self.position_bias = PositionBias(config.position_bias, shown, over_all)
                self._weights = [*self._weights, *self.position_bias.trainable_variables]
            self._optimizer = optimizer = build_optimizer(config)
            optimizer.build([*self._weights, *more])
            self._averages = AveragedWeights(self._weights, config.averaged_weights)
            self._best = [tf.Variable(weight, trainable=False) for weight in self._weights]
        validation = validation_batches(
            validation_files, reader, config.lists_per_batch, workers.cluster
        )
        self._step = build_train_step(
            model,
            optimizer,
            self._averages,
            config.gradient_clip,
            workers.strategy,
            feedback=self._feedback,
            position_bias=self.position_bias,
            past_actions=self._past_actions,
        )
        number = _batches_of(validation_files, config.lists_per_batch)
        self.validation = Validation(
            dataset, model, config, validation, number, workers, self.position_bias
        )
        self.checkpoints = EpochCheckpoints(
            checkpoints,
            model=model,
            optimizer=optimizer,
            averages=self._averages,
            best=self._best,
            state=self.state,
            **({"feedback": self._feedback} if self._feedback else {}),
            **({"position_bias": self.position_bias} if self.position_bias else {}),
            **({"past_actions": self._past_actions} if self._past_actions else {}),
        )

    def run(self, log: EpochLog | None) -> TrainingState:
        """Trains, and leaves the best weights in the model.

        Args:
            log: gets every epoch; None on workers that write nothing.

        Returns:
            The history.

        Raises:
            InputError: there are no training lists, their funnel is not clean where a loss needs
                it to be, a loss is not finite, or a worker does not see the chief's checkpoints.
        """
        check_funnel(self._dataset, self._losses, self._files, self._workers)
        resumed = self.checkpoints.restore()
        self._check_all_resume()
        if resumed:
            TRAINING_LOGGER.info("going on after epoch %d", self.state.epoch)
        if resumed and log is not None:
            log.write(self.state.history, self.state.epoch, self.state.best_epoch)
        empty_batches = self._count_batches()
        if not self.state.batches:
            raise InputError("training: expected training lists, found none")
        batches = self._batches(self.state.epoch + 1, empty_batches)
        # Before the first step, whose function takes the number as it is then.
        self._optimizer.weight_decay = weight_decay_of(self.config, self.state.batches)
        while not self.state.finished(self.config.epochs, self.config.patience):
            self._run_epoch(self.state.epoch + 1, batches)
            if log is not None:
                log.write(self.state.history, 1, self.state.best_epoch)
        assign(self._weights, self._best)
        self._tell_best()
        self._tell_feedback()
        return self.state

    def learnt_examination(self) -> LearntExamination | None:
        """How much each position was examined, as far as training asked; also tells it."""
        if self.position_bias is None:
            return None
        found = self.position_bias.learnt(self._all_files, self._dataset)
        kept = self.state.best_epoch if self.config.keep == "best" else self.state.epoch
        text = told(found, kept * self.state.batches)
        tell(TRAINING_LOGGER, [text])
        return found

    def _tell_best(self) -> None:
        if self._workers.is_chief and self.config.keep == "best" and self.state.history:
            kept = self.state.best_epoch
            metrics = {entry["epoch"]: entry["validation"] for entry in self.state.history}[kept]
            tell(TRAINING_LOGGER, [told_kept(kept, metrics, self.config.best_by)])

    def _tell_feedback(self) -> None:
        """Says how much had been seen, by the model that was learnt, of this worker's lists."""
        if self._feedback is None or not self.config.models_delays or not self._workers.is_chief:
            return
        number = _batches_of(self._files, self.config.lists_per_batch)
        batches = validation_batches(self._files, self._reader, self.config.lists_per_batch)
        tell(TRAINING_LOGGER, self._feedback.told(batches.take(number)))

    def _check_all_resume(self) -> None:
        epochs = self._workers.gathered(np.array([self.state.epoch])).tolist()
        if len(set(epochs)) > 1:
            raise InputError(
                "training on several workers: expected a checkpoint_dir that all of them see, "
                f"found checkpoints of the epochs {epochs}"
            )

    def _count_batches(self) -> int:
        """Sets the batches of an epoch: those of the worker with the most.

        Returns:
            How many this one has less: it takes part in them with empty batches.
        """
        if self.state.batches and self._workers.cluster.number == 1:
            return 0
        own = _batches_of(self._files, self._lists_per_batch)
        self.state.batches = int(self._workers.gathered(np.array([own])).max())
        return self.state.batches - own

    def _batches(self, first_epoch: int, empty_batches: int) -> Iterator[Batch]:
        return iter(
            training_batches(
                self._files,
                self._reader,
                self._lists_per_batch,
                self.config.seed,
                first_epoch,
                empty_batches,
            )
        )

    def _run_epoch(self, epoch: int, batches: Iterator[Batch]) -> None:
        started = time.perf_counter()
        learning_rate = learning_rate_of(self.config, epoch)
        self._optimizer.learning_rate.assign(learning_rate)
        losses = self._train(epoch, batches)
        trained = time.perf_counter()
        with self._averages.in_place():
            metrics = self.validation.run()
            value = (
                to_maximise(metrics, self.config.best_by) if self.config.keep == "best" else None
            )
            entry = {
                "epoch": epoch,
                "learning_rate": learning_rate,
                "weight_decay": self._optimizer.weight_decay or 0.0,
                "train": losses.means(),
                "validation": metrics,
                "seconds": time.perf_counter() - started,
                "training_seconds": trained - started,
            }
            if self.state.add(entry, value):
                assign(self._best, self._weights)
        if self._workers.is_chief:
            self.checkpoints.save(epoch)
        self._report(epoch, self.state.batches, losses.means()[LOSS], metrics)

    def _train(self, epoch: int, batches: Iterator[Batch]) -> LossesOfEpoch:
        losses = LossesOfEpoch(epoch, self._tasks)
        reported = time.perf_counter()
        for number in range(1, self.state.batches + 1):
            losses.add(*self._step(batches))
            if time.perf_counter() - reported > _REPORT_EVERY:
                self._report(epoch, number, losses.fetch())
                reported = time.perf_counter()
        losses.fetch()
        return losses

    def _report(
        self, epoch: int, batch: int, loss: float, metrics: dict[str, float] | None = None
    ) -> None:
        if self._workers.is_chief:
            config, batches = self.config, self.state.batches
            by = config.best_by if config.keep == "best" else None
            report(
                TrainingProgress(
                    epoch, config.epochs, batch, batches, loss, metrics, config.ndcg_at, by
                )
            )


def _batches_of(files: Sequence[str], lists_per_batch: int) -> int:
    return -(-count_lists(files) // lists_per_batch)
