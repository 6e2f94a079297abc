"""ExampleValidator: finds anomalies in statistics, and stops the run on serious ones."""

from tfx import types
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import ExecutorClassSpec
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics, Schema

from components.example_validator.executor import Executor


class ExampleValidatorSpec(ComponentSpec):
    """Inputs, outputs and properties of ExampleValidator."""

    INPUTS = {
        "statistics": ChannelParameter(type=ExampleStatistics),
        "schema": ChannelParameter(type=Schema),
        "region_statistics": ChannelParameter(type=ExampleStatistics),
        "last_statistics": ChannelParameter(type=ExampleStatistics, optional=True),
        "serving_statistics": ChannelParameter(type=ExampleStatistics, optional=True),
    }
    OUTPUTS = {"anomalies": ChannelParameter(type=ExampleAnomalies)}
    PARAMETERS = {
        "dataset": ExecutionParameter(type=str),
        "config": ExecutionParameter(type=str),
        "serving_logs": ExecutionParameter(type=str),
    }


class ExampleValidator(BaseComponent):
    """Stops a run whose data differs too much from the schema, the last run or the serving logs.

    The stock component of the same name writes down anomalies and lets the run go on.

    Outputs:
        anomalies: validation.json, and TFDV's own anomalies by split.
    """

    SPEC_CLASS = ExampleValidatorSpec
    EXECUTOR_SPEC = ExecutorClassSpec(Executor)

    def __init__(
        self,
        statistics: types.BaseChannel,
        schema: types.BaseChannel,
        region_statistics: types.BaseChannel,
        dataset: str,
        config: str = "{}",
        last_statistics: types.BaseChannel | None = None,
        serving_statistics: types.BaseChannel | None = None,
        serving_logs: str = "",
    ) -> None:
        """Sets the component up.

        Args:
            statistics: of all splits.
            schema: what they must fit.
            region_statistics: of the training lists, sliced by region.
            dataset: JSON of the `Dataset`.
            config: JSON of the `ValidationConfig`.
            last_statistics: the region statistics of the last run that was accepted, if any.
            serving_statistics: of the logs that were served, sliced by region, if any.
            serving_logs: where those logs lie, for the record.
        """
        super().__init__(
            ExampleValidatorSpec(
                statistics=statistics,
                schema=schema,
                region_statistics=region_statistics,
                last_statistics=last_statistics,
                serving_statistics=serving_statistics,
                dataset=dataset,
                config=config,
                serving_logs=serving_logs,
                anomalies=Channel(type=ExampleAnomalies),
            )
        )
