"""A training of the search: a network that is judged and not exported."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition import keys
from data.definition.dataset import Dataset
from models.calibration.calibrated import Calibrated
from models.calibration.places import place_ids
from models.config import ModelConfig, TrainingConfig
from models.features.transform_graph import TransformGraph
from models.ranking_model import RankingModel
from models.training.input_pipeline import batch_reader, count_lists, validation_batches
from models.training.pushed_model import PushedModel
from models.training.run_fn import fitted_calibration
from models.training.training import Training
from models.training.warm_start import warm_start
from pipeline.config import RunConfig
from pipeline.tuning.lists import PreparedLists

_LISTS_AT_ONCE = 512


class Trained(NamedTuple):
    """A training that is done.

    Attributes:
        network: with the weights that were kept.
        training: what has trained it.
    """

    network: RankingModel
    training: Training


def train(
    dataset: Dataset,
    model: ModelConfig,
    config: TrainingConfig,
    split: FeatureSplit,
    transform: TransformGraph,
    training_files: Sequence[str],
    validation_files: Sequence[str],
    checkpoints: str,
    pushed: PushedModel | None = None,
) -> Trained:
    """Trains a network.

    Args:
        dataset: the dataset.
        model: the network.
        config: the training, with its seed.
        split: the region split.
        transform: the transform graph.
        training_files: TFRecord files of training lists.
        validation_files: TFRecord files of validation lists.
        checkpoints: folder for this training alone; one that was stopped goes on from there.
        pushed: a model whose weights it starts from; none draws them.

    Returns:
        The training.
    """
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(config.seed)
    widths = pushed.embedding_widths() if pushed else None
    network = RankingModel(dataset, model, config, split, transform.sizes, widths)
    reader = batch_reader(dataset, transform, config.corrects_positions)
    if pushed:
        network(reader(tf.zeros([0], tf.string)))
        warm_start(network, transform.vocabularies(), pushed)
    training = Training(
        dataset, network, config, reader, training_files, validation_files, checkpoints
    )
    training.run(None)
    return Trained(network, training)


def judged_training(
    lists: PreparedLists, config: RunConfig, at: int | None, checkpoints: str
) -> dict[str, np.ndarray]:
    """Trains a network and judges the score that would be served.

    Args:
        lists: the lists.
        config: the definition, with the seed of the training.
        at: last rank that counts in NDCG; None takes whole lists.
        checkpoints: folder for this training alone.

    Returns:
        NDCG of each validation list by target, float [B]; see `JudgedLists.ndcg`.
    """
    files = {split: lists.files(split) for split in (keys.TRAIN, keys.VALIDATION)}
    trained = train(
        lists.dataset,
        config.model,
        config.training,
        lists.split,
        lists.transform,
        files[keys.TRAIN],
        files[keys.VALIDATION],
        checkpoints,
    )
    found = lists.judged.ndcg(_scores(trained, lists, files), at)
    trained.training.checkpoints.delete()
    return found


def _scores(trained: Trained, lists: PreparedLists, files: dict[str, list[str]]) -> np.ndarray:
    """Scores of the validation lists' items, float [N], of calibrated probabilities."""
    network, transform = trained.network, lists.transform
    scored = trained.training.validation.scored() if trained.training.config.calibrated else None
    calibration = fitted_calibration(network, scored, transform, files[keys.TRAIN])
    places = place_ids(lists.dataset, transform.vocabularies())
    calibrated = calibration and Calibrated(calibration, places, transform.sizes)
    reader = batch_reader(lists.dataset, transform)
    batches = validation_batches(files[keys.VALIDATION], reader, _LISTS_AT_ONCE)
    number = -(-count_lists(files[keys.VALIDATION]) // _LISTS_AT_ONCE)
    found = []
    for batch in itertools.islice(batches, number):
        predictions = network(batch, training=False)
        score = predictions.score
        if calibrated:
            score = network.score(calibrated(predictions.logits, batch))
        found.append(score.numpy())
    return np.concatenate(found)
