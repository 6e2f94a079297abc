"""A network of a setup: trained, given further tasks where it learnt fewer, and its scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.neural_ranker import train_network
from benchmarks.cross_validation.prepared import Prepared
from benchmarks.reproduction import distances
from benchmarks.reproduction.logs import with_tasks
from benchmarks.speed.multiply_adds import arithmetic
from components.evaluator.config import GRADED
from models.config import ModelConfig, TrainingConfig
from models.rankers.budget import count_parameters
from models.ranking_model import Predictions, RankingModel
from models.training.pushed_model import PushedModel
from models.training.warm_start import warm_start
from models.weight_names import named_weights

# Of the network without embeddings; of one item's forward pass; by a third task at fixed widths.
PARAMETERS, MULTIPLY_ADDS, GROWTH = "parameters", "multiply_adds", "growth"
SIZES = (PARAMETERS, MULTIPLY_ADDS, GROWTH)
_LISTS_AT_ONCE = 512


def scores(
    prepared: Prepared,
    tasks: Sequence[str],
    model: Mapping[str, Any],
    training: Mapping[str, Any],
    part: str,
) -> Scores:
    """Trains a network and scores lists.

    Args:
        prepared: the lists.
        tasks: names of the tasks that it learns; the others are added without training. All where
            none is named.
        model: fields of `ModelConfig`.
        training: fields of `TrainingConfig`.
        part: lists that are scored.

    Returns:
        float [N] by target, `SIZES`, float [1] each, and, with an adaptor, `distances.STAGES`.
    """
    dataset = prepared.dataset
    chosen = TrainingConfig.model_validate(training)
    learnt = with_tasks(dataset, tasks)
    network = train_network(prepared, learnt, ModelConfig.model_validate(model), chosen)
    if learnt != dataset:
        network = _grown(network, prepared, chosen)
    return {
        **_predicted(network, prepared, part),
        **_sizes(network),
        **distances.by_stage(network, prepared, part),
    }


def _grown(trained: RankingModel, prepared: Prepared, training: TrainingConfig) -> RankingModel:
    """A network for all tasks that starts from a trained one, and is not trained itself."""
    transform = prepared.transform
    network = RankingModel(
        prepared.dataset, trained.config, training, prepared.split, transform.sizes
    )
    network(prepared.reader(tf.constant(prepared.examples["evaluation"][:1])))
    weights = {name: weight.numpy() for name, weight in named_weights(trained).items()}
    vocabularies = transform.vocabularies()
    warm_start(network, vocabularies, PushedModel(trained.dataset, weights, vocabularies))
    return network


def _predicted(network: RankingModel, prepared: Prepared, part: str) -> Scores:
    def predict(examples: Sequence[bytes]) -> Predictions:
        return network(prepared.reader(tf.constant(examples)), training=False)

    examples = prepared.examples[part]
    starts = range(0, len(examples), _LISTS_AT_ONCE)
    parts = [predict(examples[start : start + _LISTS_AT_ONCE]) for start in starts]
    probabilities = np.concatenate([one.probabilities.numpy() for one in parts])
    names = [task.name for task in network.dataset.tasks]
    by_task = {name: probabilities[:, number] for number, name in enumerate(names)}
    return {**by_task, GRADED: np.concatenate([one.score.numpy() for one in parts])}


def _sizes(network: RankingModel) -> Scores:
    names = [task.name for task in network.dataset.tasks]
    widths = network.streams.widths()
    two, three = (
        count_parameters(network.config, [f"task {number}" for number in range(tasks)], widths)
        for tasks in (2, 3)
    )
    sizes = {
        PARAMETERS: count_parameters(network.config, names, widths),
        MULTIPLY_ADDS: arithmetic(network).multiply_adds,
        GROWTH: three / two - 1,
    }
    return {name: np.array([size], np.float64) for name, size in sizes.items()}
