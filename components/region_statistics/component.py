"""RegionStatistics: training lists -> statistics of every region and of all lists together."""

from tfx import types
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples, ExampleStatistics

from components.region_statistics.executor import Executor


class RegionStatisticsSpec(ComponentSpec):
    """Inputs, outputs and properties of RegionStatistics."""

    INPUTS = {"examples": ChannelParameter(type=Examples)}
    OUTPUTS = {"statistics": ChannelParameter(type=ExampleStatistics)}
    PARAMETERS = {"dataset": ExecutionParameter(type=str)}


class RegionStatistics(BaseBeamComponent):
    """Counts what is in the training lists, by region.

    The stock StatisticsGen takes no generators of statistics, and TFDV's own are slow where there
    are many slices; see `components.number_histograms`.

    Outputs:
        statistics: the split `train`, sliced by region.
    """

    SPEC_CLASS = RegionStatisticsSpec
    EXECUTOR_SPEC = BeamExecutorSpec(Executor)

    def __init__(self, examples: types.BaseChannel, dataset: str) -> None:
        """Sets the component up.

        Args:
            examples: lists as tf.Examples; only the split `train` is read.
            dataset: JSON of the `Dataset`.
        """
        super().__init__(
            RegionStatisticsSpec(
                examples=examples,
                dataset=dataset,
                statistics=Channel(type=ExampleStatistics),
            )
        )
