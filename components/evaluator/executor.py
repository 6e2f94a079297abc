"""The work of the Evaluator: it measures, judges and leaves its blessing."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import apache_beam as beam
from tfx import types
from tfx.components.evaluator import constants
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.evaluator.config import EvaluationConfig, release_gates_for
from components.evaluator.plan import BASELINE, CANDIDATE, make_plan
from components.evaluator.release_gates.serving import judge_serving
from components.evaluator.results import BaselineState, Results, Verdict
from components.evaluator.served_model import ServedModel
from components.evaluator.tfma_run import measure, read_results
from components.evaluator.verdict import decide, judge
from data.definition import keys
from data.definition.dataset import Dataset
from data.files import below, write_whole

Artifacts = dict[str, list[types.Artifact]]

_LONGEST_ERROR = 300


class Executor(base_beam_executor.BaseBeamExecutor):
    """Measures a model on the evaluation lists and blesses it if it passes its gates."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Runs the evaluation.

        Args:
            input_dict: `examples`, `model`, and `baseline_model` if a model was blessed before.
            output_dict: `evaluation` gets TFMA's files, metrics.json and verdict.json;
                `blessing` the file BLESSED or NOT_BLESSED and the properties that go with it.
            exec_properties: `dataset` and `evaluation_config` as JSON.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        dataset = Dataset.model_validate_json(exec_properties["dataset"])
        config = EvaluationConfig.model_validate_json(exec_properties["evaluation_config"])
        model = artifact_utils.get_single_instance(input_dict["model"])
        baseline = next(iter(input_dict.get("baseline_model") or []), None)
        output = artifact_utils.get_single_uri(output_dict["evaluation"])
        patterns = [
            io_utils.all_files_pattern(folder)
            for folder in artifact_utils.get_split_uris(input_dict["examples"], keys.EVALUATION)
        ]
        evaluation = Evaluation(self._make_beam_pipeline, patterns, dataset, config, output)
        with ServedModel(_saved_model(model)) as served:
            measured, state = evaluation.compare(
                _saved_model(model), _saved_model(baseline) if baseline else None
            )
            judged = (
                *judge(measured, release_gates_for(config, dataset), config, state),
                *judge_serving(served, patterns, dataset, config),
            )
        decision = decide(_saved_model(model), state, judged)
        measured.save(output)
        decision.save(output)
        write_blessing(
            artifact_utils.get_single_instance(output_dict["blessing"]),
            decision,
            model,
            baseline,
            exec_properties.get("current_component_id"),
        )


def _saved_model(model: types.Artifact) -> str:
    return path_utils.serving_model_path(model.uri, path_utils.is_old_model_artifact(model))


class Evaluation:
    """The evaluation of a candidate, beside the last blessed model, on one set of lists."""

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
            The results, and how the baseline fared. An error that does not come back without the
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


def write_blessing(
    blessing: types.Artifact,
    verdict: Verdict,
    model: types.Artifact,
    baseline: types.Artifact | None,
    component_id: str | None,
) -> None:
    """Writes the file BLESSED or NOT_BLESSED and the artifact's properties.

    Args:
        blessing: the artifact.
        verdict: what was decided.
        model: the candidate.
        baseline: the last blessed model, if there is one.
        component_id: id of the node.
    """
    blessing.set_string_custom_property(
        constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY, model.uri
    )
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model.id)
    if baseline is not None:
        blessing.set_string_custom_property(
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_URI_KEY, baseline.uri
        )
        blessing.set_int_custom_property(
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_ID_KEY, baseline.id
        )
    if component_id is not None:
        blessing.set_string_custom_property("component_id", component_id)
    blessing.set_string_custom_property(
        constants.ARTIFACT_PROPERTY_BLESSING_MESSAGE_KEY, verdict.reason
    )
    blessed = verdict.blessed
    name = constants.BLESSED_FILE_NAME if blessed else constants.NOT_BLESSED_FILE_NAME
    write_whole(below(blessing.uri, name), "")
    value = constants.BLESSED_VALUE if blessed else constants.NOT_BLESSED_VALUE
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, value)
