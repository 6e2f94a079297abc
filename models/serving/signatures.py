"""What the exported model answers to."""

import functools

import tensorflow as tf

from data.artifacts.calibration import Calibration
from data.artifacts.served_answer import EXAMPLES, named_outputs, pad
from data.artifacts.signature_names import SERVE_EXAMPLES, SERVING_DEFAULT
from data.definition.dataset import Dataset
from data.lists.parsing import RawLists, parse_plain, parse_served, plain_spec
from models.calibration.calibrated import Calibrated
from models.calibration.places import place_ids
from models.features.transform_graph import TransformGraph
from models.predictions import Predictions
from models.ranking_model import RankingModel
from models.serving.column_functions import ColumnFunctions
from models.serving.frozen import frozen
from models.weights import named_weights, weight_axes


class Signatures(tf.Module):
    """The model and its transform graph, as functions from raw values to scores.

    Only weights and vocabularies are tracked, and so exported.

    Attributes:
        weights: the weights, for other models to start from; of a feature's embedding a copy, by
            itself. The signatures have them as constants.
        tables: the embeddings that explanations use.
        weight_names: their names, in the same order.
        weight_axes: says what lies along their axes, by name.
        of_columns: the model cut in two, for explanations.

    Args:
        dataset: the dataset.
        model: the trained model.
        transform: the fitted transform graph.
        calibration: of the probabilities; None answers those of the network.
    """

    def __init__(
        self,
        dataset: Dataset,
        model: RankingModel,
        transform: TransformGraph,
        calibration: Calibration | None = None,
    ) -> None:
        super().__init__(name="seqmd")
        self._dataset = dataset
        self._tasks = [task.name for task in dataset.tasks]
        # A bound method, so that Keras does not export all functions of all its layers.
        self._predict = model.__call__
        weights = named_weights(model)
        self.weight_names = list(weights)
        self.weight_axes = functools.partial(weight_axes, model)
        self.weights = [weight.by_itself() for weight in weights.values()]
        self.tables = list(model.streams.embeddings.tables.values())
        self.transform = transform
        self.calibration = calibration
        self._score_of = model.score
        places = place_ids(dataset, transform.vocabularies())
        self._calibrate: Calibrated | None = None
        if calibration:
            self._calibrate = Calibrated(calibration, places, transform.sizes)
        self.of_columns = ColumnFunctions(dataset, model, transform, self._calibrate)
        # They are no signatures: servers know nothing of them, but whoever loads the model does.
        self.columns_of_examples, self.scores_of_columns = self.of_columns.functions()

    def functions(self) -> dict[str, tf.types.experimental.ConcreteFunction]:
        """The traced functions by signature name."""
        plain = {feature.name: plain_spec(feature) for feature in self._dataset.features}
        examples = tf.TensorSpec([None], tf.string, name=EXAMPLES)
        return {
            SERVING_DEFAULT: frozen(self._score_list, **plain),
            SERVE_EXAMPLES: frozen(self._score_examples, **{EXAMPLES: examples}),
        }

    def _score_list(self, **features: tf.Tensor) -> dict[str, tf.Tensor]:
        """Scores the items of one list from plain tensors."""
        return self._answer(parse_plain(features, self._dataset))

    def _score_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """Scores serialized lists; answers are padded with NaN, and NaN alone if malformed."""
        lists = parse_served(examples, self._dataset)
        answers = self._answer(lists)
        columns = tf.stack(list(answers.values()), axis=1)
        padded = tf.unstack(pad(columns, lists.row_lengths), len(answers), axis=2)
        return dict(zip(answers, padded, strict=True))

    def _answer(self, lists: RawLists) -> dict[str, tf.Tensor]:
        inputs = self.transform(lists)
        predictions: Predictions = self._predict(inputs, training=False)
        probabilities, score = predictions.probabilities, predictions.score
        if self._calibrate:
            probabilities = self._calibrate(predictions.logits, inputs)
            score = self._score_of(probabilities)
        return named_outputs(self._tasks, probabilities, score)
