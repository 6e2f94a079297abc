"""The TFMA metric: all ranking metrics and all bootstrap replicates of a slice in one pass."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma

from components.evaluator.intervals import (
    LEAST_LISTS,
    LEAST_USERS,
    effective_users,
    standard_error,
)
from components.evaluator.list_values import count_names
from components.evaluator.plan import (
    BASELINE,
    CANDIDATE,
    EXPECTED,
    OBSERVED,
    PCOC,
    PREDICTED,
    RANDOM,
    Column,
    Plan,
)

LIST_ROW = "list_row"

# Lists that are held back until one matrix product adds them all: far faster than one by one, and
# a slice of a few lists takes a few kilobytes, not all its sums.
_HELD = 64
ABOVE_RANDOM = "above_random"
SHARE_OF_BEST = "share_of_best"
TfmaValue: TypeAlias = tfma.types.ValueWithTDistribution | float


class ListRowPreprocessor(tfma.metrics.Preprocessor):
    """Hands the combiner what the extractor computed for a list."""

    def process(self, extracts: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yields the list's values, weights and counts."""
        yield extracts[LIST_ROW]


class RankingMetrics(tfma.metrics.Metric):
    """NDCG, MRR and calibration of one model or of a candidate and a baseline."""

    def __init__(self, plan: str, name: str = "ranking") -> None:
        """Describes the metric to TFMA.

        Args:
            plan: a `Plan` as JSON.
            name: TFMA's name of the metric; the results have names of their own.
        """
        super().__init__(_computations, plan=plan, name=name)


def _computations(
    plan: str,
    name: str,
    model_names: list[str] | None = None,
    output_names: list[str] | None = None,
) -> list[tfma.metrics.MetricComputation]:
    """One computation for all models, so that their replicates can be compared in pairs."""
    computation = tfma.metrics.MetricComputation(
        keys=[], preprocessors=[ListRowPreprocessor()], combiner=SumsCombiner(plan)
    )
    return [computation]


class Sums:
    """The sums of a slice so far.

    Attributes:
        sums: float [columns + bases, 1 + R]: the sum over lists, then the replicates'.
        counts: float [counts].
    """

    def __init__(self) -> None:
        self.sums: np.ndarray | float = 0.0
        self.counts: np.ndarray | float = 0.0
        self._held: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, values: np.ndarray, weights: np.ndarray, counts: np.ndarray) -> None:
        """Adds one list: its values [columns + bases], weights [1 + R] and counts."""
        self.counts = self.counts + counts
        # Copies, since a row would keep its whole batch in memory.
        self._hold([(values.copy(), weights.copy())])

    def merge(self, other: "Sums") -> None:
        """Adds the sums of another part of the slice."""
        self.sums = self.sums + other.sums
        self.counts = self.counts + other.counts
        self._hold(other._held)

    def flush(self) -> None:
        """Adds the lists that were held back."""
        if self._held:
            values, weights = (np.stack(arrays) for arrays in zip(*self._held, strict=True))
            self.sums = self.sums + values.T @ weights.astype(float)
            self._held = []

    def _hold(self, rows: list[tuple[np.ndarray, np.ndarray]]) -> None:
        self._held += rows
        if len(self._held) >= _HELD:
            self.flush()


class SumsCombiner(beam.CombineFn):
    """Sums the lists of a slice and turns the sums into metrics with standard errors."""

    def __init__(self, plan: str) -> None:
        self._plan = plan

    def create_accumulator(self) -> Sums:
        """Nothing summed yet."""
        return Sums()

    def add_input(self, accumulator: Sums, element: dict[str, Any]) -> Sums:
        """Adds one list, as `extractors.list_row_extractor` made it."""
        accumulator.add(element["values"], element["weights"], element["counts"])
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Sums]) -> Sums:
        """Adds up parts of a slice."""
        result = Sums()
        for accumulator in accumulators:
            result.merge(accumulator)
        return result

    def extract_output(self, accumulator: Sums) -> dict[Any, Any]:
        """The metrics of the slice, by TFMA's keys."""
        accumulator.flush()
        return slice_metrics(
            Plan.model_validate_json(self._plan),
            np.asarray(accumulator.sums),
            np.asarray(accumulator.counts),
        )


def slice_metrics(
    plan: Plan, sums: np.ndarray, counts: np.ndarray
) -> dict[tfma.metrics.MetricKey, TfmaValue]:
    """Turns sums into metrics, each with the standard error of its replicates.

    An interval is value -+ t * standard error, with the t distribution of R - 1 degrees of freedom,
    as TFMA builds it from its own bootstrap. (Quantiles of 200 replicates could not tell the 0.25%
    tails that Holm's method asks for over ten slices.)

    Args:
        plan: what was summed.
        sums: float [columns + bases, 1 + R]: the sum over lists, then the replicates'.
        counts: float [counts], see `count_names`.

    Returns:
        By TFMA's key: counts, means, differences to a random order, changes against the baseline
        (keys with `is_diff`), ratios of predicted to observed, shares of the way from a random
        order to the best possible one.
    """
    named = dict(zip(count_names(plan), counts.tolist(), strict=True))
    metrics: dict[tfma.metrics.MetricKey, TfmaValue] = {
        tfma.metrics.MetricKey(f"count/{name}", model_name=_tfma_name(plan, CANDIDATE)): count
        for name, count in named.items()
    }
    means, users = _means(plan, sums), _effective_users(plan, sums)
    for column, mean in means.items():
        lists = named[f"lists/{column.target}/{column.basis}"]
        if users[column] < LEAST_USERS:
            lists = 1
        for key, replicates in _comparisons(plan, column, mean, means):
            metrics[key] = _tfma_value(replicates, lists)
    return metrics


def _effective_users(plan: Plan, sums: np.ndarray) -> dict[Column, float]:
    users = effective_users(sums[len(plan.columns) :][list(plan.basis_of_column)])
    return dict(zip(plan.columns, users.tolist(), strict=True))


def _means(plan: Plan, sums: np.ndarray) -> dict[Column, np.ndarray]:
    columns, bases = np.split(sums, [len(plan.columns)])
    weights = bases[list(plan.basis_of_column)]
    means = np.divide(columns, weights, out=np.full_like(columns, np.nan), where=weights > 0)
    return dict(zip(plan.columns, means, strict=True))


def _comparisons(
    plan: Plan, column: Column, mean: np.ndarray, means: dict[Column, np.ndarray]
) -> Iterator[tuple[tfma.metrics.MetricKey, np.ndarray]]:
    key = tfma.metrics.MetricKey(
        f"{column.order}/{column.measure}",
        model_name=_tfma_name(plan, column.model or CANDIDATE),
        output_name=column.target,
    )
    yield key, mean
    if column.order == PREDICTED:
        observed = means[Column(column.target, column.measure, OBSERVED, column.basis)]
        ratio = np.divide(mean, observed, out=np.full_like(mean, np.nan), where=observed > 0)
        yield key._replace(name=PCOC), ratio
    if not column.model or column.measure == "mean":
        return
    random = means[Column(column.target, column.measure, RANDOM, column.basis)]
    yield key._replace(name=f"{key.name}/{ABOVE_RANDOM}"), mean - random
    if column.measure.startswith(EXPECTED):
        best = np.where(random < 1, 1 - random, np.nan)
        yield key._replace(name=f"{key.name}/{SHARE_OF_BEST}"), (mean - random) / best
    if column.model == CANDIDATE and BASELINE in plan.models:
        baseline = Column(column.target, column.measure, column.order, column.basis, BASELINE)
        yield key.make_diff_key(), mean - means[baseline]


def _tfma_name(plan: Plan, model: str) -> str:
    """TFMA names models only where there are several."""
    return model if len(plan.models) > 1 else ""


def _tfma_value(replicates: np.ndarray, lists: float) -> TfmaValue:
    value, error = float(replicates[0]), standard_error(replicates)
    if lists < LEAST_LISTS or error is None:
        return value
    return tfma.types.ValueWithTDistribution(
        # TFMA centres its interval on sample_mean: on the value here, not on the replicates' mean.
        sample_mean=value,
        sample_standard_deviation=error,
        sample_degrees_of_freedom=len(replicates) - 2,
        unsampled_value=value,
    )
