"""An exported model between its features and its scores, as explanations need it."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from data.artifacts.model_folder import ExtraFiles
from data.artifacts.served_answer import load_model
from data.errors import InputError
from data.explanation.gradients import (
    Attribution,
    WithGradients,
    integrated_gradients,
    largest_residual,
)
from data.metrics.ranked import Floats

# Functions of the exported model beside its signatures, and what they hand over.
COLUMNS_OF_EXAMPLES, SCORES_OF_COLUMNS = "columns_of_examples", "scores_of_columns"
COLUMNS, OFFSETS = "columns", "offsets"


@dataclass(frozen=True)
class ListColumns:
    """A list as the network sees it.

    Attributes:
        columns: float [L, D], transformed: standardised numbers, embeddings, ranks in the list.
        offsets: float [L, T], what the calibration adds to each task's logits in this list.
    """

    columns: Floats
    offsets: Floats


@dataclass(frozen=True)
class PairShares:
    """Why one item has another score than a second one.

    Attributes:
        first: score of the first item.
        second: score of the second one.
        shares: what each feature adds to the difference, the largest share first.
        residual: what the shares leave of the difference.
        steps: places between the two items at which gradients were taken.
    """

    first: float
    second: float
    shares: dict[str, float]
    residual: float
    steps: int

    @property
    def difference(self) -> float:
        """The first score less the second."""
        return self.first - self.second

    @property
    def add_up(self) -> bool:
        """Whether the shares are the difference, as far as 32-bit scores tell."""
        return abs(self.residual) <= largest_residual(self.first, self.second)


class ExplainedModel:
    """Explains differences of an exported model's scores by features.

    Args:
        folder: a SavedModel that seqmd exported.
        loaded: what TensorFlow loads from it, where that is done already.

    Raises:
        InputError: there is none, or one of a version that explains nothing.
    """

    def __init__(self, folder: str, loaded: Any = None) -> None:
        self._model = load_model(folder) if loaded is None else loaded
        file = ExtraFiles(folder).columns
        functions = (COLUMNS_OF_EXAMPLES, SCORES_OF_COLUMNS)
        if not all(hasattr(self._model, name) for name in functions) or not tf.io.gfile.exists(
            file
        ):
            raise InputError(
                f"model {folder}: expected one that explains its scores, as this version of seqmd "
                "pushes it; found one without. Train it anew, or with --warm-start from it"
            )
        with tf.io.gfile.GFile(file) as opened:
            self._features: list[str] = json.loads(opened.read())

    def columns(self, example: bytes) -> ListColumns:
        """A list as the network sees it.

        Args:
            example: the serialized list.
        """
        found = getattr(self._model, COLUMNS_OF_EXAMPLES)(tf.constant([example]))
        return ListColumns(found[COLUMNS].numpy(), found[OFFSETS].numpy())

    def scores(self, of_list: ListColumns, output: str) -> Floats:
        """The output of each item, float [L]; see `explain`."""
        return self._function(of_list.offsets[0], output)(of_list.columns)[0]

    def explain(self, of_list: ListColumns, first: int, second: int, output: str) -> PairShares:
        """Shares out the difference of two items' scores among the features.

        Integrated gradients from the second item to the first, in the network's columns; those of
        a feature are summed. What belongs to the list is the same for both, so it has no share.

        Args:
            of_list: the list.
            first: place of an item in it, from 0.
            second: place of another one.
            output: `score`, or `probability_TASK`.

        Returns:
            The shares; they add up to the difference, but for the residual.
        """
        function = self._function(of_list.offsets[0], output)
        ends = of_list.columns[[first, second]].astype(float)
        found = integrated_gradients(function, start=ends[1], end=ends[0])
        first_score, second_score = (float(value) for value in function(ends)[0])
        return PairShares(
            first_score, second_score, self._by_feature(found), found.residual, found.steps
        )

    def _by_feature(self, found: Attribution) -> dict[str, float]:
        shares = dict.fromkeys(self._features, 0.0)
        for feature, share in zip(self._features, found.shares.tolist(), strict=True):
            shares[feature] += share
        return dict(sorted(shares.items(), key=lambda one: -abs(one[1])))

    def _function(self, offsets: Floats, output: str) -> WithGradients:
        scores_of = getattr(self._model, SCORES_OF_COLUMNS)

        def with_gradients(columns: Floats) -> tuple[Floats, Floats]:
            given = tf.constant(columns, tf.float32)
            of_items = tf.repeat(tf.constant(offsets[np.newaxis]), len(columns), axis=0)
            with tf.GradientTape() as tape:
                tape.watch(given)
                scores = scores_of(given, of_items)[output]
            return scores.numpy(), tape.gradient(scores, given).numpy()

        return with_gradients
