"""Training and validation lists as the pipeline's own nodes have prepared them, once for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import tensorflow as tf

from components.evaluator.config import GRADED
from data.artifacts.region_split import FeatureSplit
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.metrics.list_metrics import list_ndcg
from data.metrics.relevance import gain, relevance
from models.features.transform_graph import TransformGraph
from models.training.input_pipeline import count_lists, matching_files, validation_batches


class JudgedLists(NamedTuple):
    """What scores of the validation lists are judged by.

    Attributes:
        gains: by target, a task or `graded`, float [N], NaN where unknown.
        row_lengths: int [B].
        weights: of the lists, float [B].
        users: the user of each list, or its id, binary [B].
    """

    gains: Mapping[str, np.ndarray]
    row_lengths: np.ndarray
    weights: np.ndarray
    users: pa.Array

    def ndcg(self, scores: np.ndarray, at: int | None) -> dict[str, np.ndarray]:
        """NDCG of each list by one and the same scores.

        Args:
            scores: float [N].
            at: last rank that counts; None takes whole lists.

        Returns:
            By target, float [B], NaN where a list does not count.
        """
        return {
            target: list_ndcg(gains, scores, self.row_lengths, at)
            for target, gains in self.gains.items()
        }


@dataclass(frozen=True)
class PreparedLists:
    """Lists, region split and transform graph; nothing is read before it is needed.

    Attributes:
        dataset: what the lists mean.
        examples: folder of the lists, one below it a split.
        transform_graph: folder of the transform graph.
        region_split: file of the region split.
    """

    dataset: Dataset
    examples: str
    transform_graph: str
    region_split: str

    def files(self, split: str) -> list[str]:
        """TFRecord files of a split."""
        return matching_files([f"{self.examples}/Split-{split}/*"])

    @cached_property
    def split(self) -> FeatureSplit:
        """The region split."""
        return FeatureSplit.load(self.region_split)

    @cached_property
    def transform(self) -> TransformGraph:
        """The transform graph."""
        return TransformGraph(self.dataset, self.transform_graph)

    @cached_property
    def judged(self) -> JudgedLists:
        """The validation lists, in the order of the files.

        Raises:
            InputError: there are none, or none has an order that can be wrong.
        """
        files = self.files(keys.VALIDATION)
        labels = [keys.label(task.name) for task in self.dataset.tasks]
        spec = {name: tf.io.RaggedFeature(tf.float32) for name in labels}
        spec[keys.LIST_WEIGHT] = tf.io.FixedLenFeature([], tf.float32, 1.0)
        spec[keys.LIST_USER] = tf.io.FixedLenFeature([], tf.string)

        def parsed(serialized: tf.Tensor) -> dict[str, tf.Tensor]:
            return tf.io.parse_example(serialized, spec)

        lists = count_lists(files)
        if not lists:
            raise InputError(
                f"{self.dataset.name}: expected validation lists, which settings are judged by; "
                "found none"
            )
        # Those batches come again and again: one is all lists, once.
        found = next(iter(validation_batches(files, parsed, lists)))
        values = np.stack([found[name].flat_values.numpy() for name in labels], axis=1)
        gains = {
            task.name: np.where(np.isnan(values[:, number]), np.nan, values[:, number] > 0)
            for number, task in enumerate(self.dataset.tasks)
        }
        gains[GRADED] = gain(relevance(values, [task.grade for task in self.dataset.tasks]))
        judged = JudgedLists(
            gains,
            found[labels[0]].row_lengths().numpy(),
            found[keys.LIST_WEIGHT].numpy(),
            pa.array(found[keys.LIST_USER].numpy().tolist(), pa.binary()),
        )
        self._check(judged)
        return judged

    def _check(self, judged: JudgedLists) -> None:
        counts = ~np.isnan(judged.ndcg(np.zeros(len(judged.gains[GRADED])), None)[GRADED])
        if not (counts & (judged.weights > 0)).any():
            raise InputError(
                f"{self.dataset.name}: expected validation lists whose order can be judged, by an "
                f"action on some of their items; found none among {len(counts)}"
            )

    def close(self) -> None:
        """Holds nothing that is to be freed."""
