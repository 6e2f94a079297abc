"""The TFMA metric: all ranking metrics and all bootstrap replicates of a slice in one pass."""

from collections.abc import Iterator
from typing import Any

import tensorflow_model_analysis as tfma

from components.evaluator.combiner import SumsCombiner

LIST_ROW = "list_row"


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
