"""The values of each list that the means are made of, for a whole batch of lists at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from components.evaluator.config import GRADED
from components.evaluator.plan import (
    EXPECTED,
    LOGGED,
    OBSERVED,
    OWN,
    RANDOM,
    SCORE,
    Basis,
    Column,
    Plan,
)
from data.artifacts.served_answer import SCORE as SCORE_OUTPUT
from data.artifacts.served_answer import item_values, probability
from data.metrics.list_metrics import list_mrr, list_ndcg
from data.metrics.ranked import list_of_item, list_sums, order_matters
from data.metrics.relevance import expected_gain, gain, relevance

# Predictions by model and output: float [B, L], NaN behind the end of a list.
Predictions = Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class LabelledLists:
    """What is known of B lists with N items.

    Attributes:
        row_lengths: int64 [B], items of each list.
        labels: by task, float [N], NaN where unknown.
        truth: by task, float [N], true probabilities; only tasks that have them.
        positions: float [N], shown positions, NaN where unknown; None where not declared.
        weights: float [B], list weights.
        ages: float [B], seconds for which lists have been seen; None where no task has a window.
    """

    row_lengths: np.ndarray
    labels: Mapping[str, np.ndarray]
    truth: Mapping[str, np.ndarray]
    positions: np.ndarray | None
    weights: np.ndarray
    ages: np.ndarray | None = None

    def list_sums(self, values: np.ndarray) -> np.ndarray:
        """Sums values of items, float [N], by list: float [B]."""
        return list_sums(values, list_of_item(self.row_lengths), len(self.row_lengths))

    def is_open(self, target: str, plan: Plan) -> np.ndarray:
        """Lists that have not been seen for as long as a target's labels take: bool [B]."""
        tasks = plan.windows if target == GRADED else {target: plan.windows[target]}
        assert self.ages is not None
        return self.ages < max(tasks.values())

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


class ListValues:
    """Computes columns and their denominators for one batch of lists."""

    def __init__(self, plan: Plan, lists: LabelledLists, predictions: Predictions) -> None:
        self._plan = plan
        self._lists = lists
        self._gains: dict[str, np.ndarray] = dict(lists.labels)
        self._gains[GRADED] = lists.graded_gains(plan)
        self._expected_gains = dict(lists.truth)
        if GRADED in plan.truth:
            self._expected_gains[GRADED] = lists.expected_graded_gains(plan)
        self._scores: dict[tuple[str, str], np.ndarray] = {}
        self._faulty: dict[str, np.ndarray] = {}
        for model in plan.models:
            self._take_predictions(model, predictions[model])

    def sums(self) -> np.ndarray:
        """Columns, then bases, times list weight: float [B, columns + bases]."""
        bases = {basis: self._basis(*basis) for basis in self._plan.bases}
        columns = [
            np.where(bases[column.target, column.basis] > 0, self._column(column), 0.0)
            for column in self._plan.columns
        ]
        return np.stack([*columns, *bases.values()], axis=1) * self._lists.weights[:, np.newaxis]

    def counts(self) -> np.ndarray:
        """Counts in the order of `count_names`: float [B, counts]."""
        weighed = self._lists.weights > 0
        ones = np.ones_like(self._lists.weights)
        columns = [ones, self._lists.row_lengths, *self._faulty.values()]
        columns += [(self._basis(*basis) > 0) & weighed for basis in self._plan.bases]
        columns += [self._equals(target) & weighed for target in self._plan.targets]
        columns += [self._positives(target) for target in self._plan.targets]
        columns += [self._basis(task, "items") for task in self._plan.tasks]
        columns += [self._lists.is_open(target, self._plan) for target in open_targets(self._plan)]
        return np.stack(columns, axis=1).astype(float)

    def _take_predictions(self, model: str, outputs: Mapping[str, np.ndarray]) -> None:
        names = {SCORE: SCORE_OUTPUT} | {task: probability(task) for task in self._plan.tasks}
        self._faulty[model] = np.zeros(len(self._lists.row_lengths))
        for key, name in names.items():
            if name not in outputs:
                raise ValueError(f"{model}: expected an output {name}, found {sorted(outputs)}")
            values, faulty = item_values(outputs[name].astype(float), self._lists.row_lengths)
            self._scores[model, key] = values
            self._faulty[model] = np.maximum(self._faulty[model], faulty)

    def _positives(self, target: str) -> np.ndarray:
        return self._lists.list_sums(np.nan_to_num(self._gains[target]) > 0)

    def _counts(self, gains: np.ndarray) -> np.ndarray:
        return order_matters(gains, self._lists.row_lengths)

    def _equals(self, target: str) -> np.ndarray:
        """Lists with something relevant in which no order can be wrong: bool [B]."""
        return (self._positives(target) > 0) & ~self._counts(self._gains[target])

    def _basis(self, target: str, basis: Basis) -> np.ndarray:
        if basis == "items":
            return self._lists.list_sums(np.isfinite(self._gains[target]))
        if basis == "truth":
            return self._counts(self._expected_gains[target])
        counts = self._counts(self._gains[target])
        if basis == "logged":
            counts = counts & (self._lists.list_sums(np.isnan(self._positions)) == 0)
        return counts

    @property
    def _positions(self) -> np.ndarray:
        if self._lists.positions is None:
            raise ValueError("the logged order is planned, but there are no positions")
        return self._lists.positions

    def _column(self, column: Column) -> np.ndarray:
        if column.measure == "mean":
            labels = self._gains[column.target]
            observed = column.order == OBSERVED
            values = labels if observed else self._scores[column.model, column.target]
            return self._lists.list_sums(np.where(np.isfinite(labels), np.nan_to_num(values), 0.0))
        expected = column.measure.startswith(EXPECTED)
        gains = (self._expected_gains if expected else self._gains)[column.target]
        scores = self._ranking_scores(column)
        if column.measure == "mrr":
            return list_mrr(gains, scores, self._lists.row_lengths)
        rank = column.measure.partition("@")[2]
        at = None if rank == "all" else int(rank)
        return list_ndcg(gains, scores, self._lists.row_lengths, at)

    def _ranking_scores(self, column: Column) -> np.ndarray:
        if column.order == RANDOM:
            # Items of equal score share their gains: exactly what a random order earns on average.
            return np.zeros(int(self._lists.row_lengths.sum()))
        if column.order == LOGGED:
            return -np.nan_to_num(self._positions)
        scores = self._scores[column.model, column.target if column.order == OWN else SCORE]
        # An item without a prediction ranks last; the verdict names it and blesses nothing.
        return np.where(np.isnan(scores), np.finfo(float).min, scores)


def count_names(plan: Plan) -> tuple[str, ...]:
    """Names of the counts of a slice.

    Args:
        plan: what is measured.

    Returns:
        `lists`, `items`, then by model `faulty/MODEL` (items without a finite prediction), by
        denominator `lists/TARGET/BASIS` (lists that count), by target `equals/TARGET` (lists with
        something relevant in which no order can be wrong) and `positives/TARGET`, by task
        `labelled/TASK` (items with a label); by target with a window `open/TARGET` (lists that
        have not been seen for as long).
    """
    return (
        "lists",
        "items",
        *(f"faulty/{model}" for model in plan.models),
        *(f"lists/{target}/{basis}" for target, basis in plan.bases),
        *(f"equals/{target}" for target in plan.targets),
        *(f"positives/{target}" for target in plan.targets),
        *(f"labelled/{task}" for task in plan.tasks),
        *(f"open/{target}" for target in open_targets(plan)),
    )


def open_targets(plan: Plan) -> tuple[str, ...]:
    """Targets whose labels take their time: the tasks with windows, and `graded`."""
    return (*plan.windows, GRADED) if plan.windows else ()
