"""The Beam combiner behind the metric: sums of lists, with all bootstrap replicates at once."""

from collections.abc import Iterable
from typing import Any

import apache_beam as beam
import numpy as np

from components.evaluator.plan import Plan
from components.evaluator.statistics import slice_metrics

# Lists that are held back until one matrix product adds them all: far faster than one by one, and
# a slice of a few lists takes a few kilobytes, not all its sums.
_HELD = 64


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
        """Adds one list, as `extractor.list_row` made it."""
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
