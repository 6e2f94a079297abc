"""Our own ranker, trained by the project's own code."""

import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.prepared import Prepared
from models.config import ModelConfig, TrainingConfig
from models.epoch_log import EpochLog
from models.ranking_model import RankingModel
from models.training import Training


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
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(seed)
    chosen = TrainingConfig.model_validate({**training, "seed": seed})
    network = RankingModel(
        prepared.dataset,
        ModelConfig.model_validate(model),
        chosen,
        prepared.split,
        prepared.transform.sizes,
    )
    files = prepared.files
    with tempfile.TemporaryDirectory() as folder:
        Training(
            prepared.dataset,
            network,
            chosen,
            prepared.reader,
            [files["training"]],
            [files["validation"]],
            str(Path(folder) / "checkpoints"),
        ).run(EpochLog(str(Path(folder) / "run")))
    return {
        part: network(prepared.inputs[part], training=False).score.numpy()
        for part in ("validation", "evaluation")
    }
