"""The Evaluator node: its inputs and outputs."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.evaluator.config import EvaluationConfig
from components.evaluator.executor import Executor
from components.evaluator.release_gates.config_check import check_release_gates
from data.definition.dataset import Dataset


class EvaluatorSpec(component_spec.ComponentSpec):
    """Inputs, outputs and parameters of the Evaluator."""

    PARAMETERS = {
        "dataset": component_spec.ExecutionParameter(type=str),
        "evaluation_config": component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        "examples": component_spec.ChannelParameter(type=standard_artifacts.Examples),
        "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
        "baseline_model": component_spec.ChannelParameter(
            type=standard_artifacts.Model, optional=True
        ),
    }
    OUTPUTS = {
        "evaluation": component_spec.ChannelParameter(type=standard_artifacts.ModelEvaluation),
        "blessing": component_spec.ChannelParameter(type=standard_artifacts.ModelBlessing),
    }


class Evaluator(base_beam_component.BaseBeamComponent):
    """Measures a model on the evaluation lists, beside the last blessed one, and judges it.

    Outputs are `evaluation` (TFMA's files, metrics.json, verdict.json) and `blessing`.
    """

    SPEC_CLASS = EvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        model: types.BaseChannel,
        dataset: str,
        evaluation: str,
        baseline_model: types.BaseChannel | None = None,
    ) -> None:
        """Declares the node.

        Args:
            examples: lists; the split `eval` is evaluated.
            model: the candidate, with the signature `serve_examples`.
            dataset: the `Dataset` as JSON.
            evaluation: the `EvaluationConfig` as JSON.
            baseline_model: the last blessed model; empty on a first run.

        Raises:
            InputError: a gate names a task, metric or slice that the dataset has not.
        """
        check_release_gates(
            EvaluationConfig.model_validate_json(evaluation),
            Dataset.model_validate_json(dataset),
        )
        spec = EvaluatorSpec(
            examples=examples,
            model=model,
            baseline_model=baseline_model,
            dataset=dataset,
            evaluation_config=evaluation,
            evaluation=types.Channel(type=standard_artifacts.ModelEvaluation),
            blessing=types.Channel(type=standard_artifacts.ModelBlessing),
        )
        super().__init__(spec=spec)
