import numpy as np
import tensorflow as tf

from benchmarks.speed.network_size import arithmetic, chain_layers, matrix_chain
from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.definition.keys import missing
from models.config import ModelConfig, TrainingConfig
from models.features.layout import ROW_LENGTHS, Layout
from models.ranking_model import RankingModel

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}, {"name": "buy", "grade": 2}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric", "within_list": []},
            {"name": "stars", "scope": "item", "kind": "numeric", "within_list": []},
        ],
    }
)


def test_sequence_layers_count_once_for_every_task() -> None:
    config = ModelConfig(adaptor="none", token_units=(5,), recurrent_units=(3,))
    split = FeatureSplit(invariant=("price", "stars"))
    model = RankingModel(DATASET, config, TrainingConfig(), split, {})
    items = {name: tf.zeros([4]) for name in ("price", "stars")}
    items |= {missing(name): tf.zeros([4]) for name in ("price", "stars")}
    model({**Layout(DATASET).joined(items), ROW_LENGTHS: tf.constant([4], tf.int64)})
    inputs, tasks = 4, 2
    tokens = tasks * inputs * 5
    recurrent = 3 * (5 * 3 + 3 * 3)
    # Of the state, and of the token.
    logit = 3 + 5
    counted = arithmetic(model)
    assert counted.multiply_adds == tokens + tasks * (recurrent + logit)
    # Biases: tokens, two a gate of the GRU, and the output's.
    biases = tasks * 5 + 2 * 3 * 3 + 1
    assert counted.parameters == tokens + recurrent + logit + biases


def test_a_chain_has_about_the_multiply_adds() -> None:
    assert chain_layers(170_000) == round(170_000 / 64**2) == 42
    assert np.isfinite(matrix_chain(8, 10_000)().numpy())
