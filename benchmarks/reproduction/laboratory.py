"""Trains the models of a reproduction; finished trainings are kept."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.cross_validation.cache import ScoreCache
from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.neural_ranker import train_network
from benchmarks.cross_validation.prepared import Prepared
from benchmarks.reproduction.logs import Logs, with_tasks
from benchmarks.reproduction.setups import Setup
from components.evaluator.config import GRADED
from components.region_split.config import RegionSplitConfig
from data.lists import encode
from models.config import ModelConfig, TrainingConfig
from models.pushed_model import PushedModel
from models.rankers.budget import count_parameters
from models.ranking_model import Predictions, RankingModel
from models.warm_start import warm_start
from models.weight_names import named_weights

PARAMETERS = "parameters"
_LISTS_AT_ONCE = 512


class Laboratory:
    """Trains models on the same lists, region split and transform graph.

    Args:
        logs: the lists and their division.
        training: fields of `TrainingConfig` that all models share.
        parameters: about how many each network has.
        folder: keeps finished trainings and, for the time being, files.
    """

    def __init__(
        self, logs: Logs, training: Mapping[str, Any], parameters: int, folder: Path
    ) -> None:
        self.logs = logs
        self._training = dict(training)
        self._parameters = parameters
        self._cache = ScoreCache(folder)
        self._files = tempfile.TemporaryDirectory()

    @cached_property
    def _prepared(self) -> Prepared:
        split = RegionSplitConfig()
        folder = Path(self._files.name)
        return Prepared(self.logs.dataset, split, self.logs.lists, self.logs.parts, folder)

    @cached_property
    def _identity(self) -> dict[str, Any]:
        parts = b"".join(part.tobytes() for part in self.logs.parts)
        digest = hashlib.sha256(b"".join(encode(self.logs.lists)) + parts).hexdigest()
        dataset = self.logs.dataset.model_dump(mode="json")
        return {"lists": digest, "dataset": dataset, "training": self._training}

    def scores(self, setup: Setup, seed: int) -> Scores:
        """Scores of the evaluation lists by target, and `parameters`, trained where not kept yet.

        Args:
            setup: the model.
            seed: of its training.

        Returns:
            float [N] by target; `parameters` int [1], of the network without embeddings.
        """
        model = {"parameters": self._parameters, **setup.model}
        identity = {**self._identity, "model": model, "seed": seed, "tasks": list(setup.tasks)}
        return self._cache.get(identity, lambda: self._ranked(setup, model, seed))

    def _ranked(self, setup: Setup, model: Mapping[str, Any], seed: int) -> Scores:
        training = TrainingConfig.model_validate({**self._training, "seed": seed})
        learnt = with_tasks(self.logs.dataset, setup.tasks)
        config = ModelConfig.model_validate(model)
        network = train_network(self._prepared, learnt, config, training)
        if learnt != self.logs.dataset:
            network = self._grown(network, training)
        return self._evaluated(network)

    def _grown(self, trained: RankingModel, training: TrainingConfig) -> RankingModel:
        """A network for all tasks that starts from a trained one, and is not trained itself."""
        prepared, transform = self._prepared, self._prepared.transform
        network = RankingModel(
            prepared.dataset, trained.config, training, prepared.split, transform.sizes
        )
        network(prepared.reader(tf.constant(prepared.examples["evaluation"][:1])))
        weights = {name: weight.numpy() for name, weight in named_weights(trained).items()}
        vocabularies = transform.vocabularies()
        warm_start(network, vocabularies, PushedModel(trained.dataset, weights, vocabularies))
        return network

    def _evaluated(self, network: RankingModel) -> Scores:
        names = [task.name for task in self.logs.dataset.tasks]
        parts = [self._predict(network, chunk) for chunk in self._chunks()]
        probabilities = np.concatenate([part.probabilities.numpy() for part in parts])
        size = count_parameters(network.config, names, network.streams.widths())
        return {
            **{name: probabilities[:, number] for number, name in enumerate(names)},
            GRADED: np.concatenate([part.score.numpy() for part in parts]),
            PARAMETERS: np.array([size]),
        }

    def _predict(self, network: RankingModel, examples: Sequence[bytes]) -> Predictions:
        return network(self._prepared.reader(tf.constant(examples)), training=False)

    def _chunks(self) -> list[Sequence[bytes]]:
        examples = self._prepared.examples["evaluation"]
        starts = range(0, len(examples), _LISTS_AT_ONCE)
        return [examples[start : start + _LISTS_AT_ONCE] for start in starts]
