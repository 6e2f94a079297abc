"""The size of a pushed model's network."""

from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf
import yaml

from benchmarks.speed.multiply_adds import arithmetic
from data.region_split import FILE_NAME, FeatureSplit
from models.config import ModelConfig, TrainingConfig
from models.ranking_model import RankingModel
from models.serving.export import EXTRA_FOLDER
from models.training.pushed_model import PushedModel
from models.weight_names import embedding_name


@dataclass(frozen=True)
class NetworkSize:
    """What a bare MLP must have to be as large.

    Attributes:
        width: of the network's input, an item: numbers, indicators and embeddings.
        tasks: number of outputs.
        multiply_adds: an item.
    """

    width: int
    tasks: int
    multiply_adds: int


def network_size(folder: str, pushed: PushedModel) -> NetworkSize:
    """Counts the network of a pushed model, from the definitions that travel with it.

    Args:
        folder: a version of the pushed model.
        pushed: the same, loaded.

    Returns:
        Its size.
    """
    extra = Path(folder) / EXTRA_FOLDER
    model = RankingModel(
        pushed.dataset,
        ModelConfig.model_validate(yaml.safe_load((extra / "model.yaml").read_text())),
        TrainingConfig.model_validate(yaml.safe_load((extra / "training.yaml").read_text())),
        FeatureSplit.load(extra / FILE_NAME),
        {
            feature.name: len(pushed.weights[embedding_name(feature.name)])
            for feature in pushed.dataset.features
            if embedding_name(feature.name) in pushed.weights
        },
        pushed.embedding_widths(),
    )
    widths = model.streams.widths()
    streams = {name: tf.zeros([1, width]) for name, width in widths.items()}
    model.ranker(streams)
    if model.linear_path is not None:
        model.linear_path(streams)
    return NetworkSize(sum(widths.values()), len(pushed.tasks), arithmetic(model).multiply_adds)
