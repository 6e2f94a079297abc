"""What the exported model answers between its features and its scores, for explanations."""

import tensorflow as tf

from data.artifacts.served_answer import EXAMPLES, named_outputs
from data.definition.dataset import Dataset
from data.explanation.explained_model import COLUMNS, OFFSETS
from data.lists.parsing import parse_served
from models.calibration.calibrated import Calibrated
from models.features.transform_graph import TransformGraph
from models.layers.streams import KINDS_OF_ITEMS, STREAMS
from models.ranking_model import RankingModel


class ColumnFunctions(tf.Module):
    """The model cut in two, where its features have become numbers: standardised and embedded.

    Attributes:
        features: the feature of each column, in the order of the columns.

    Args:
        dataset: the dataset.
        model: the trained model.
        transform: the fitted transform graph.
        calibrate: the calibration; None for none.
    """

    def __init__(
        self,
        dataset: Dataset,
        model: RankingModel,
        transform: TransformGraph,
        calibrate: Calibrated | None,
    ) -> None:
        super().__init__(name="of_columns")
        self._dataset = dataset
        self._tasks = [task.name for task in dataset.tasks]
        # Bound methods, so that Keras does not export all functions of all its layers.
        self._streams, self._of_streams = model.streams.__call__, model.of_streams
        self._score_of = model.score
        self._transform, self._calibrate = transform, calibrate
        columns, feature_of = model.streams.columns(), model.streams.feature_of_columns()
        found = {stream: [feature_of[name] for name in columns[stream]] for stream in STREAMS}
        if len(dataset.kinds) > 1:
            assert dataset.kind_feature is not None
            found[KINDS_OF_ITEMS] = [dataset.kind_feature.name] * len(dataset.kinds)
        self._parts = list(found)
        self._widths = list(map(len, found.values()))
        self.features = [feature for of_stream in found.values() for feature in of_stream]

    def columns_of_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        """What the network sees of serialized lists.

        Args:
            examples: text [B].

        Returns:
            `columns` float [N, D]; `offsets` float [N, T], what calibration adds in their lists.
        """
        inputs = self._transform(parse_served(examples, self._dataset))
        streams = self._streams(inputs, training=False)
        logits = self._of_streams(streams, training=False).logits
        offsets = tf.zeros_like(logits)
        if self._calibrate:
            offsets = self._calibrate.offsets(logits, inputs)
        joined = tf.concat([streams[stream] for stream in self._parts], axis=1)
        return {COLUMNS: joined, OFFSETS: offsets}

    def scores_of_columns(self, columns: tf.Tensor, offsets: tf.Tensor) -> dict[str, tf.Tensor]:
        """The answers for items by their columns, each by its own alone.

        Args:
            columns: float [N, D].
            offsets: float [N, T].

        Returns:
            As `serve_examples`: `probability_TASK` and `score`, float [N].
        """
        parts = tf.split(columns, self._widths, axis=1)
        streams = dict(zip(self._parts, parts, strict=True))
        predictions = self._of_streams(streams, training=False)
        probabilities, score = predictions.probabilities, predictions.score
        if self._calibrate:
            probabilities = tf.sigmoid(self._calibrate.curve(predictions.logits) + offsets)
            score = self._score_of(probabilities)
        return named_outputs(self._tasks, probabilities, score)

    def functions(self) -> list[tf.types.experimental.GenericFunction]:
        """The two functions, of any number of lists or items."""
        columns = tf.TensorSpec([None, sum(self._widths)], tf.float32, name=COLUMNS)
        offsets = tf.TensorSpec([None, len(self._tasks)], tf.float32, name=OFFSETS)
        examples = tf.TensorSpec([None], tf.string, name=EXAMPLES)
        by_argument = {
            self.columns_of_examples: [examples],
            self.scores_of_columns: [columns, offsets],
        }
        return [
            tf.function(function, input_signature=signature, autograph=False)
            for function, signature in by_argument.items()
        ]
