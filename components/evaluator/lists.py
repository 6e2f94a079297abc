"""A batch of lists with their labels, as flat arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from components.evaluator.plan import Plan
from data.relevance import expected_gain, gain, relevance


@dataclass(frozen=True)
class LabelledLists:
    """What is known of B lists with N items.

    Attributes:
        row_lengths: int64 [B], items of each list.
        labels: by task, float [N], NaN where unknown.
        truth: by task, float [N], true probabilities; only tasks that have them.
        positions: float [N], shown positions, NaN where unknown; None where not declared.
        weights: float [B], list weights.
    """

    row_lengths: np.ndarray
    labels: Mapping[str, np.ndarray]
    truth: Mapping[str, np.ndarray]
    positions: np.ndarray | None
    weights: np.ndarray

    def list_sums(self, values: np.ndarray) -> np.ndarray:
        """Sums values of items, float [N], by list: float [B]."""
        lists = np.repeat(np.arange(len(self.row_lengths)), self.row_lengths)
        return np.bincount(lists, weights=values, minlength=len(self.row_lengths))

    def graded_gains(self, plan: Plan) -> np.ndarray:
        """2^relevance - 1, where relevance is the largest grade reached.

        Args:
            plan: grades by task.

        Returns:
            float [N]; NaN where an unknown label leaves it open.
        """
        labels = np.stack([self.labels[task] for task in plan.tasks], axis=-1)
        return gain(relevance(labels, tuple(plan.grades.values())))

    def expected_graded_gains(self, plan: Plan) -> np.ndarray:
        """The mean of 2^relevance - 1 by the true probabilities.

        Args:
            plan: grades by task, in order.

        Returns:
            float [N].
        """
        return expected_gain([self.truth[task] for task in plan.tasks], tuple(plan.grades.values()))
