"""The metrics of validation lists, by TF-Ranking, once an epoch."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from data.definition.task import Task
from data.metrics.ranked import Floats, Integers, list_of_item, order_matters, tie_groups
from data.metrics.relevance import relevance
from models.losses.tf_ranking import MRRMetric, NDCGMetric

GRADED_NDCG = "graded_ndcg"

_LISTS_AT_ONCE = 4096


@dataclass(frozen=True)
class ValidationMetrics:
    """Metrics by name: `TASK_ndcg`, `TASK_mrr`, and `graded_ndcg` of the score.

    Attributes:
        values: means over the lists that count, by list weight; NaN where none counts.
        not_counted: lists that do not count, since their order does not matter or they have no
            weight.
        lists: number of lists.
    """

    values: dict[str, float]
    not_counted: dict[str, int]
    lists: int


def validation_metrics(
    tasks: Sequence[Task],
    labels: Floats,
    probabilities: Floats,
    score: Floats,
    row_lengths: Integers,
    list_weights: Floats | None = None,
    at: int | None = None,
    graded_tasks: Collection[str] = (),
) -> ValidationMetrics:
    """NDCG and MRR of each task by its own probability, and graded NDCG by the score.

    They agree with `data.metrics.list_metrics` where no scores of a list are equal, and in
    expectation elsewhere: ties are broken by a draw that is the same each time.

    Args:
        tasks: the T tasks.
        labels: float [N, T], the items of all lists one after the other; NaN where missing.
        probabilities: float [N, T], or anything that orders items as they do.
        score: float [N].
        row_lengths: items of each list, int [B]; sums up to N.
        list_weights: float [B]; 1 for all by default.
        at: rank at which NDCG is cut off; None takes whole lists.
        graded_tasks: names of tasks whose NDCG takes graded relevance instead of their label.

    Returns:
        The metrics.
    """
    graded = relevance(labels, [task.grade for task in tasks])
    lists = _Lists(row_lengths, list_weights)
    found = {}
    for number, task in enumerate(tasks):
        reached = np.where(np.isnan(labels[:, number]), np.nan, labels[:, number] > 0)
        target = graded if task.name in graded_tasks else reached
        own = probabilities[:, number]
        found[f"{task.name}_ndcg"] = lists.mean(NDCGMetric(topn=at), target, own)
        found[f"{task.name}_mrr"] = lists.mean(MRRMetric(), reached, own)
    found[GRADED_NDCG] = lists.mean(NDCGMetric(topn=at), graded, score)
    values = {name: value for name, (value, _) in found.items()}
    left_out = {name: len(row_lengths) - counted for name, (_, counted) in found.items()}
    return ValidationMetrics(values, left_out, len(row_lengths))


class _Lists:
    """Lists that are ranked in several ways."""

    def __init__(self, row_lengths: Integers, weights: Floats | None) -> None:
        self.row_lengths = row_lengths
        self.rows = list_of_item(row_lengths)
        self.weights = np.ones(len(row_lengths)) if weights is None else np.asarray(weights)

    def mean(
        self, metric: tf.keras.metrics.Metric, target: Floats, scores: Floats
    ) -> tuple[float, int]:
        """Mean of a metric, and the number of lists that count."""
        counts = order_matters(target, self.row_lengths) & (self.weights > 0)
        if not counts.any():
            return float("nan"), 0
        kept = counts[self.rows] & ~np.isnan(target)
        rows = self.rows[kept]
        ranks = _untied_ranks(scores[kept], rows)
        lengths = np.bincount(rows, minlength=len(counts))[counts]
        _update(metric, target[kept], -ranks, lengths, self.weights[counts])
        return float(metric.result()), int(counts.sum())


def _untied_ranks(scores: Floats, rows: Integers) -> Integers:
    """Ranks in a list; equal scores in the order of a draw, never in the order of the logs."""
    draw = np.random.default_rng(0).permutation(len(scores))
    groups = tie_groups(scores[draw], rows[draw])
    ranks = np.empty(len(scores), dtype=np.int64)
    ranks[draw[groups.order]] = groups.item_rank
    return ranks


def _update(
    metric: tf.keras.metrics.Metric,
    target: Floats,
    scores: Integers,
    row_lengths: Integers,
    weights: Floats,
) -> None:
    ends = np.cumsum(row_lengths)
    for begin in range(0, len(row_lengths), _LISTS_AT_ONCE):
        lengths = row_lengths[begin : begin + _LISTS_AT_ONCE]
        first = ends[begin] - lengths[0]
        items = slice(first, first + lengths.sum())
        places = np.arange(lengths.max()) < lengths[:, np.newaxis]
        dense = np.full((2, *places.shape), -1, dtype=np.float32)
        dense[:, places] = target[items], scores[items]
        list_weights = weights[begin : begin + _LISTS_AT_ONCE, np.newaxis].astype(np.float32)
        # A label of -1 is padding for TF-Ranking.
        metric.update_state(*tf.constant(dense), list_weights)
