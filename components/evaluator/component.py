"""The Evaluator node: its inputs, outputs and the checks of its gates before anything runs."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts

from components.evaluator.config import GRADED, EvaluationConfig, Gate
from components.evaluator.executor import Executor
from components.evaluator.plan import columns_of, declared_columns, truth_targets
from data.dataset import Dataset
from data.errors import InputError


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
        check_gates(
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


def check_gates(config: EvaluationConfig, dataset: Dataset) -> None:
    """Refuses gates on what is not measured.

    Args:
        config: the gates.
        dataset: the tasks, and which slices there are.

    Raises:
        InputError: a gate names an unknown task, metric or slice.
    """
    tasks = [task.name for task in dataset.tasks]
    if GRADED in tasks:
        raise InputError(f"tasks: {GRADED!r} stands for the graded relevance; rename the task")
    for number, gate in enumerate(config.gates or ()):
        place = f"evaluation.gates[{number}]"
        if gate.task not in {*tasks, GRADED}:
            expected = ", ".join([*tasks, GRADED])
            raise InputError(f"{place}.task: expected one of {expected}, found {gate.task!r}")
        _check_metric(gate, config, dataset, place)
        _check_slices(gate, dataset, place)


def _check_metric(gate: Gate, config: EvaluationConfig, dataset: Dataset, place: str) -> None:
    metrics = [f"ndcg@{rank}" for rank in config.ndcg_at]
    if gate.task in truth_targets(dataset):
        metrics += [f"expected_{metric}" for metric in metrics]
    metrics += ["mrr"] if gate.task != GRADED else []
    if gate.metric not in metrics:
        raise InputError(
            f"{place}.metric: expected one of {', '.join(metrics)}, found {gate.metric!r}"
        )


def _check_slices(gate: Gate, dataset: Dataset, place: str) -> None:
    declared = declared_columns(dataset)
    for selector in gate.slices:
        for column in columns_of(selector):
            if column not in declared:
                raise InputError(f"{place}.slices: the dataset names no {column}")
