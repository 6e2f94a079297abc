"""Evaluates a candidate beside the last blessed model, whether or not that one still works."""

import logging
from collections.abc import Callable, Mapping, Sequence

import apache_beam as beam

from components.evaluator.analysis import measure
from components.evaluator.config import EvaluationConfig
from components.evaluator.plan import BASELINE, CANDIDATE, make_plan
from components.evaluator.reading import read_results
from components.evaluator.results import Results
from components.evaluator.verdict import BaselineState
from data.dataset import Dataset

_LONGEST_ERROR = 300


class Evaluation:
    """What is evaluated on what."""

    def __init__(
        self,
        make_pipeline: Callable[[], beam.Pipeline],
        file_patterns: Sequence[str],
        dataset: Dataset,
        config: EvaluationConfig,
        output: str,
    ) -> None:
        """Holds everything but the models.

        Args:
            make_pipeline: makes a Beam pipeline with the user's flags.
            file_patterns: files with Examples, a list each.
            dataset: the definition of the lists.
            config: what is measured.
            output: folder for TFMA's files.
        """
        self._make_pipeline = make_pipeline
        self._file_patterns = file_patterns
        self._dataset = dataset
        self._config = config
        self._output = output

    def compare(self, candidate: str, baseline: str | None) -> tuple[Results, BaselineState]:
        """Measures the candidate, and the baseline on the same lists if that is possible.

        Args:
            candidate: folder of a SavedModel.
            baseline: folder of the last blessed one.

        Returns:
            The results, and what the baseline was good for. An error that goes away without the
            baseline is the baseline's.

        Raises:
            Exception: the candidate cannot be evaluated.
        """
        if baseline is None:
            return self._measure({CANDIDATE: candidate}), BaselineState(state="none")
        try:
            results = self._measure({CANDIDATE: candidate, BASELINE: baseline})
        except Exception as error:
            logging.getLogger("seqmd").warning("The last blessed model is broken", exc_info=True)
            return self._measure({CANDIDATE: candidate}), self._broken(baseline, _short(error))
        overall = results.slice_of({})
        faulty = overall.faulty_predictions[BASELINE] if overall else 0
        if faulty:
            return results, self._broken(baseline, f"{faulty} items have no finite prediction")
        return results, BaselineState(state="compared", model=baseline)

    def _measure(self, models: Mapping[str, str]) -> Results:
        plan = make_plan(self._dataset, self._config, BASELINE in models)
        with self._make_pipeline() as pipeline:
            measure(pipeline, self._file_patterns, models, self._dataset, plan, self._output)
        return read_results(self._output, plan, self._config, models)

    def _broken(self, baseline: str, error: str) -> BaselineState:
        ignored = self._config.ignore_broken_baseline
        return BaselineState(state="broken", model=baseline, error=error, ignored=ignored)


def _short(error: Exception) -> str:
    # Beam appends the step that failed, TFMA a new line with all its inputs.
    text = str(error).partition("[while running")[0]
    text = " ".join(text.split()) or type(error).__name__
    return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]} ..."
