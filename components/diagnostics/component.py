"""The Diagnostics node, whose results are for people: no gate reads them."""

from tfx import types
from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import component_spec, standard_artifacts
from tfx.types.artifact import Artifact

from components.diagnostics.executor import Executor


class DiagnosticsArtifact(Artifact):
    """Calibration, importance of features and domestic shares of a model on evaluation lists.

    * `diagnostics.json`: see `components.diagnostics.results.Diagnostics`.
    """

    TYPE_NAME = "ModelDiagnostics"


class DiagnosticsSpec(component_spec.ComponentSpec):
    """Inputs, outputs and parameters of Diagnostics."""

    PARAMETERS = {
        "dataset": component_spec.ExecutionParameter(type=str),
        "evaluation_config": component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        "examples": component_spec.ChannelParameter(type=standard_artifacts.Examples),
        "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
    }
    OUTPUTS = {"diagnostics": component_spec.ChannelParameter(type=DiagnosticsArtifact)}


class Diagnostics(base_beam_component.BaseBeamComponent):
    """Measures calibration, importance of features and the share of domestic items.

    No gate reads it. The output is `diagnostics` (diagnostics.json).
    """

    SPEC_CLASS = DiagnosticsSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        model: types.BaseChannel,
        dataset: str,
        evaluation: str,
    ) -> None:
        """Declares the node.

        Args:
            examples: lists; the split `eval`, and of the others those in random order.
            model: the candidate, with the signature `serve_examples`.
            dataset: the `Dataset` as JSON.
            evaluation: the `EvaluationConfig` as JSON; it says at which rank NDCG is cut off.
        """
        spec = DiagnosticsSpec(
            examples=examples,
            model=model,
            dataset=dataset,
            evaluation_config=evaluation,
            diagnostics=types.Channel(type=DiagnosticsArtifact),
        )
        super().__init__(spec=spec)
