"""Our own ranker, trained by the project's own code."""

import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.prepared import Prepared
from data.dataset import Dataset
from models.config import ModelConfig, TrainingConfig
from models.ranking_model import RankingModel
from models.training.epoch_log import EpochLog
from models.training.input_pipeline import batch_reader
from models.training.training import Training


def rank_by_network(
    prepared: Prepared, seed: int, model: dict[str, Any], training: dict[str, Any]
) -> Scores:
    """Trains a network, stopped early by graded NDCG on validation lists.

    Args:
        prepared: lists of a trial.
        seed: replaces the seed of the training.
        model: fields of `ModelConfig`.
        training: fields of `TrainingConfig`.

    Returns:
        Scores of validation and of evaluation lists.
    """
    chosen = TrainingConfig.model_validate({**training, "seed": seed})
    network = train_network(prepared, prepared.dataset, ModelConfig.model_validate(model), chosen)
    return {
        part: network(prepared.inputs[part], training=False).score.numpy()
        for part in ("validation", "evaluation")
    }


def train_network(
    prepared: Prepared, dataset: Dataset, model: ModelConfig, training: TrainingConfig
) -> RankingModel:
    """Trains a network on the training lists.

    Args:
        prepared: lists of a trial.
        dataset: the trial's dataset, or one with fewer tasks.
        model: the network.
        training: the training, with its seed.

    Returns:
        The network with the weights that were kept.
    """
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(training.seed)
    transform, files = prepared.transform, prepared.files
    network = RankingModel(dataset, model, training, prepared.split, transform.sizes)
    with tempfile.TemporaryDirectory() as folder:
        Training(
            dataset,
            network,
            training,
            batch_reader(dataset, transform),
            [files["training"]],
            [files["validation"]],
            str(Path(folder) / "checkpoints"),
        ).run(EpochLog(str(Path(folder) / "run")))
    return network
