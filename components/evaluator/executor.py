"""The work of the Evaluator."""

from typing import Any

from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.evaluator import verdict
from components.evaluator.blessing import write_blessing
from components.evaluator.config import EvaluationConfig
from components.evaluator.default_gates import gates_for
from components.evaluator.evaluation import Evaluation
from components.evaluator.gates import judge
from components.evaluator.served_model import ServedModel
from components.evaluator.serving_gates import judge_serving
from data import keys
from data.dataset import Dataset

Artifacts = dict[str, list[types.Artifact]]


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
                *judge(measured, gates_for(config, dataset), config, state),
                *judge_serving(served, patterns, dataset, config),
            )
        decision = verdict.decide(_saved_model(model), state, judged)
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
