"""ServingStatistics: serving logs -> statistics by region, to compare training logs with."""

import json
from collections.abc import Sequence

from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import ExampleStatistics

from components.list_example_gen.plan import fingerprint
from components.serving_statistics.executor import Executor
from data.definition.dataset import Dataset
from data.sources import source_for


class ServingStatisticsSpec(ComponentSpec):
    """Inputs, outputs and properties of ServingStatistics."""

    INPUTS: dict[str, ChannelParameter] = {}
    OUTPUTS = {"statistics": ChannelParameter(type=ExampleStatistics)}
    PARAMETERS = {
        "dataset": ExecutionParameter(type=str),
        "input": ExecutionParameter(type=str),
        "input_fingerprint": ExecutionParameter(type=str),
    }


class ServingStatistics(BaseBeamComponent):
    """Counts what was served. The logs need the list's id and the features, but no labels.

    Outputs:
        statistics: the split `serving`, sliced by region.
    """

    SPEC_CLASS = ServingStatisticsSpec
    EXECUTOR_SPEC = BeamExecutorSpec(Executor)

    def __init__(
        self,
        dataset: Dataset,
        input_patterns: Sequence[str],
        input_fingerprint: str | None = None,
    ) -> None:
        """Sets the component up.

        Args:
            dataset: what the columns mean.
            input_patterns: files, folders or patterns of the serving logs.
            input_fingerprint: stands for the content of the files; None looks at them.

        Raises:
            InputError: no such files.
        """
        if input_fingerprint is None:
            files = source_for(dataset, with_labels=False).files(input_patterns)
            input_fingerprint = fingerprint(files)
        super().__init__(
            ServingStatisticsSpec(
                dataset=dataset.model_dump_json(),
                input=json.dumps(list(input_patterns)),
                input_fingerprint=input_fingerprint,
                statistics=Channel(type=ExampleStatistics),
            )
        )
