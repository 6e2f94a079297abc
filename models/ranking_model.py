"""The whole model: transformed features in, a probability for each task and a score out."""

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_recommenders as tfrs

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.errors import InputError
from models.config import (
    JOURNEY,
    REGION_RANKERS,
    HistoryConfig,
    ModelConfig,
    TrainingConfig,
)
from models.features.feature_streams import FeatureStreams
from models.features_check import check_features
from models.kinds import beside_kinds, build_kind_streams
from models.layers.axes import Names
from models.layers.building import build_inside
from models.layers.combination import Combination
from models.layers.descending_probability import descending_logits, descending_probabilities
from models.layers.linear_path import LinearPath
from models.layers.seeds import derived_seed
from models.layers.streams import (
    COUNTRY,
    DEPENDENT,
    INVARIANT,
    SHIFTED,
    SHIFTED_INVARIANT,
    Streams,
)
from models.losses.objective import Objective
from models.position_bias.columns import EXAMINATION_LOGIT
from models.predictions import Predictions
from models.rankers import build_ranker, within_budget
from models.score import Score
from models.task_dependence import check_dependence, gradient_through


class RankingModel(tfrs.models.Model):
    """Streams (> kinds aligned) > ranker (+ linear path) > product (> combination) > score.

    Args:
        dataset: features and tasks.
        model: the network.
        training: losses, score weights and seed.
        split: the region split.
        sizes: number of ids of each feature that is read as ids.
        embedding_widths: widths of the embeddings of a model that training starts from.

    Raises:
        InputError: the configuration names a task that the dataset does not have, or asks for
            features that it does not have, losses do not fit the descending probability, or a
            network of as many parameters as it asks for cannot be made.
    """

    def __init__(
        self,
        dataset: Dataset,
        model: ModelConfig,
        training: TrainingConfig,
        split: FeatureSplit,
        sizes: Mapping[str, int],
        embedding_widths: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(name="ranking_model")
        names = [task.name for task in dataset.tasks]
        check_dependence(dataset, model, training)
        check_features(dataset, model)
        self.dataset = dataset
        self.score = Score(dataset, training.score_weights)
        self.descending = model.descends(dataset.actions_imply_previous)
        self.descending_gradient = gradient_through(dataset, model, training)
        self.streams = FeatureStreams(
            dataset,
            split,
            sizes,
            model.unknown_region_share,
            derived_seed(training.seed, "features"),
            embedding_widths,
            model.history or HistoryConfig(),
        )
        _check_region(model, self.streams.widths())
        kinds_seed = derived_seed(training.seed, "kinds")
        self.kind_streams = build_kind_streams(model, dataset, self.streams, kinds_seed)
        budget = _beside_history(beside_kinds(model, dataset, self.streams), self.streams)
        if model.second_stage is not None:
            self.streams.trainable = False
        self.config = within_budget(budget, names, self._widths())
        said = self.streams.history.output_names() if self.streams.history else ()
        self._shifted = {
            key: [column not in said for column in self.ranker_columns()[stream]]
            for key, stream in ((SHIFTED, DEPENDENT), (SHIFTED_INVARIANT, INVARIANT))
        }
        self.ranker = build_ranker(self.config, names, derived_seed(training.seed, "ranker"))
        self.linear_path = LinearPath(len(names), name="linear_path") if model.linear_path else None
        self.combination = self._combination(training.seed) if model.ranker == JOURNEY else None
        self.step = tf.Variable(0, trainable=False, dtype=tf.int64, name="step")
        self.objective = Objective(dataset, training, self.step, model.ranker == JOURNEY)

    def ranker_columns(self) -> dict[str, Names]:
        """Names of the columns of the streams that the ranker reads."""
        columns = self.streams.columns()
        return columns if self.kind_streams is None else self.kind_streams.output_names(columns)

    def _widths(self) -> dict[str, int]:
        return {name: len(columns) for name, columns in self.ranker_columns().items()}

    def _combination(self, seed: int) -> Combination:
        tasks = self.dataset.tasks
        taken_back = [place for place, task in enumerate(tasks) if task.undone_by is not None]
        units, own_seed = self.config.mask_units, derived_seed(seed, "combination")
        return Combination(len(tasks), taken_back, units, own_seed, name="combination")

    def build(self, input_shape: None = None) -> None:
        """Makes the weights; the widths of the streams are known without an input."""
        build_inside(self.streams, None)
        if self.kind_streams is not None:
            self.kind_streams.build_for(self.streams.columns())
        build_inside(self.ranker, _shapes(self._widths()))
        if self.linear_path is not None:
            build_inside(self.linear_path, _shapes(self.streams.widths()))
        if self.combination is not None:
            width = len(self.streams.context_columns())
            build_inside(self.combination, tf.TensorShape((None, width)))
        self.built = True

    def call(self, inputs: Mapping[str, tf.Tensor], training: bool | None = None) -> Predictions:
        """Scores items.

        Args:
            inputs: what the transform graph puts out; items flat [N], context [B].
            training: whether units and regions are dropped.

        Returns:
            The predictions of all N items.
        """
        streams = self.streams(inputs, training=training)
        return self.of_streams(streams, training, inputs.get(EXAMINATION_LOGIT))

    def of_streams(
        self,
        streams: Streams,
        training: bool | None = None,
        examination: tf.Tensor | None = None,
    ) -> Predictions:
        """Scores items, each by its own columns of the streams alone.

        Args:
            streams: see `FeatureStreams`; float [N, width] each.
            training: whether units are dropped, losses of the network's own added, and gradients
                stopped where training stops them.
            examination: log of how much each item was examined, float [N]; None in all that is
                served.
        """
        read = streams
        if self.kind_streams is not None:
            read = self.kind_streams(streams, training=training)
        for key, columns in self._shifted.items():
            if not all(columns):
                read = {**read, key: tf.constant([columns], tf.float32)}
        logits = self.ranker(read, training=training)
        if self.linear_path is not None:
            logits += self.linear_path(streams)
        if examination is not None:
            logits = self._examined(logits, examination)
        factors = logits
        if self.descending:
            # What explains the model follows the whole product.
            through = self.descending_gradient if training else "all"
            logits = descending_logits(logits, through)
        product = logits
        if self.combination is not None:
            context = self.streams.context_of(streams)
            logits = self.combination(context, factors, product, training=training)
        probabilities = self.probabilities_of(logits)
        return Predictions(logits, probabilities, self.score(probabilities), factors, product)

    def probabilities_of(self, logits: tf.Tensor) -> tf.Tensor:
        """The probabilities of logits, float [N, T], as predictions have them."""
        return descending_probabilities(logits) if self.descending else tf.sigmoid(logits)

    def _examined(self, logits: tf.Tensor, examination: tf.Tensor) -> tf.Tensor:
        """Logits [N, T] of actions on items that were examined more or less.

        Who does not look does nothing. Where probabilities are products, the first task's logit
        takes this to the later ones.
        """
        first, later = logits[:, :1] + examination[:, tf.newaxis], logits[:, 1:]
        return tf.concat(
            [first, later if self.descending else later + examination[:, tf.newaxis]], axis=1
        )

    def penalty(self) -> tf.Tensor:
        """What the last call in training adds to the total, float [].

        See `region_penalty` and `polarised_weight`.
        """
        losses = list(self.ranker.losses)
        if self.kind_streams is not None:
            losses += self.kind_streams.losses
        return tf.add_n(losses) if losses else tf.constant(0.0)

    def compute_loss(self, inputs: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The loss of a batch; beside features, the inputs are those of `Objective.of_tasks`."""
        predictions = self(inputs, training=training)
        return self.objective.total(self.objective.of_tasks(inputs, predictions))


def _shapes(widths: Mapping[str, int]) -> dict[str, tf.TensorShape]:
    return {name: tf.TensorShape((None, width)) for name, width in widths.items()}


def _beside_history(config: ModelConfig, streams: FeatureStreams) -> ModelConfig:
    """The configuration with the budget that the encoder of histories leaves."""
    if config.parameters is None or streams.history is None:
        return config
    left = max(1, config.parameters - streams.history.parameters())
    return config.model_copy(update={"parameters": left})


def _check_region(config: ModelConfig, widths: Mapping[str, int]) -> None:
    asked = {
        "ranker": config.ranker if config.ranker in REGION_RANKERS else "none",
        "region_gates": config.region_gates,
        "region_rank": config.region_rank or "none",
    }
    found = [f"{name}: {value}" for name, value in asked.items() if value != "none"]
    if found and not widths[COUNTRY]:
        raise InputError(
            f"model: expected `country_features` in the dataset, by which regions are told apart,"
            f" with {', '.join(found)}; found none"
        )
