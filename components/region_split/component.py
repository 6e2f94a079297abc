"""RegionSplit: training lists -> country, dependent and invariant features."""

from tfx import types
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types.artifact import Artifact
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples

from components.region_split.executor import Executor


class RegionSplitArtifact(Artifact):
    """Which features depend on the region.

    It holds `region_split.json`, see `data.artifacts.region_split.FeatureSplit`.
    """

    TYPE_NAME = "RegionSplit"


class RegionSplitSpec(ComponentSpec):
    """Inputs, outputs and properties of RegionSplit."""

    INPUTS = {
        "examples": ChannelParameter(type=Examples),
        "last_region_split": ChannelParameter(type=RegionSplitArtifact, optional=True),
    }
    OUTPUTS = {"region_split": ChannelParameter(type=RegionSplitArtifact)}
    PARAMETERS = {
        "dataset": ExecutionParameter(type=str),
        "config": ExecutionParameter(type=str),
    }


class RegionSplit(BaseBeamComponent):
    """Splits features into those that differ from region to region and the others.

    Outputs:
        region_split: region_split.json.
    """

    SPEC_CLASS = RegionSplitSpec
    EXECUTOR_SPEC = BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: types.BaseChannel,
        dataset: str,
        config: str = "{}",
        last_region_split: types.BaseChannel | None = None,
    ) -> None:
        """Sets the component up.

        Args:
            examples: lists as tf.Examples; only the split `train` is read.
            dataset: JSON of the `Dataset`.
            config: JSON of the `RegionSplitConfig`.
            last_region_split: the last run's, which this one is compared with, if any.
        """
        super().__init__(
            RegionSplitSpec(
                examples=examples,
                last_region_split=last_region_split,
                dataset=dataset,
                config=config,
                region_split=Channel(type=RegionSplitArtifact),
            )
        )
