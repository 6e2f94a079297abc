"""The epoch loop: train, validate, keep the best weights, save, until nothing gets better."""

import time
from collections.abc import Iterator, Sequence

import tensorflow as tf

from data.dataset import Dataset
from data.errors import InputError
from models.averaged_weights import AveragedWeights, assign
from models.checkpoints import EpochCheckpoints
from models.config import TrainingConfig
from models.epoch_log import EpochLog
from models.input_pipeline import (
    Batch,
    Reader,
    count_lists,
    training_batches,
    validation_batches,
)
from models.losses_of_epoch import LOSS, LossesOfEpoch
from models.progress import TRAINING_LOGGER, TrainingProgress, report
from models.ranking_model import RankingModel
from models.train_step import build_optimizer, build_train_step
from models.training_state import TrainingState
from models.validation import Validation, to_maximise

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
        checkpoints: folder for this training alone.
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
    ) -> None:
        self.config = config
        self.state = TrainingState()
        self._tasks = [task.name for task in dataset.tasks]
        self._files = list(training_files)
        self._reader = reader
        example = reader(tf.zeros([0], tf.string))
        model(example)
        self._weights = model.trainable_variables
        optimizer = build_optimizer(config)
        optimizer.build(self._weights)
        self._averages = AveragedWeights(self._weights, config.averaged_weights)
        self._best = [tf.Variable(weight, trainable=False) for weight in self._weights]
        validation = validation_batches(validation_files, reader, config.lists_per_batch)
        self._step = build_train_step(model, optimizer, self._averages, config.gradient_clip)
        self.validation = Validation(
            dataset, model, config, validation, self._batches_of(validation_files)
        )
        self.checkpoints = EpochCheckpoints(
            checkpoints,
            model=model,
            optimizer=optimizer,
            averages=self._averages,
            best=self._best,
            state=self.state,
        )

    def run(self, log: EpochLog) -> TrainingState:
        """Trains, and leaves the best weights in the model.

        Args:
            log: gets every epoch.

        Returns:
            The history.

        Raises:
            InputError: there are no training lists, or a loss is not finite.
        """
        if self.checkpoints.restore():
            TRAINING_LOGGER.info("going on after epoch %d", self.state.epoch)
            log.write(self.state.history, self.state.epoch)
        else:
            self.state.batches = self._batches_of(self._files)
        if not self.state.batches:
            raise InputError("training: expected training lists, found none")
        batches = self._batches(self.state.epoch + 1)
        while not self.state.finished(self.config.epochs, self.config.patience):
            self._run_epoch(self.state.epoch + 1, batches)
            log.write(self.state.history, 1)
        assign(self._weights, self._best)
        return self.state

    def _batches_of(self, files: Sequence[str]) -> int:
        return -(-count_lists(files) // self.config.lists_per_batch)

    def _batches(self, first_epoch: int) -> Iterator[Batch]:
        config = self.config
        return iter(
            training_batches(
                self._files, self._reader, config.lists_per_batch, config.seed, first_epoch
            )
        )

    def _run_epoch(self, epoch: int, batches: Iterator[Batch]) -> None:
        started = time.perf_counter()
        losses = self._train(epoch, batches)
        trained = time.perf_counter()
        with self._averages.in_place():
            metrics = self.validation.run()
            value = (
                to_maximise(metrics, self.config.best_by) if self.config.keep == "best" else None
            )
            entry = {
                "epoch": epoch,
                "train": losses.means(),
                "validation": metrics,
                "seconds": time.perf_counter() - started,
                "training_seconds": trained - started,
            }
            if self.state.add(entry, value):
                assign(self._best, self._weights)
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
        epochs, batches = self.config.epochs, self.state.batches
        report(TrainingProgress(epoch, epochs, batch, batches, loss, metrics))
