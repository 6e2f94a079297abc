"""The nodes that read, check and prepare the logs."""

from dataclasses import dataclass

from tfx.components import ExampleValidator, SchemaGen, StatisticsGen, Transform
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.components.base.base_node import BaseNode
from tfx.proto import transform_pb2

from components.list_example_gen.component import ListExampleGen
from components.region_split.component import RegionSplit
from components.statistics import overall_options, region_options
from data import keys
from pipeline.code_version import code_version
from pipeline.config import RunConfig
from pipeline.inputs import Inputs


@dataclass(frozen=True)
class DataNodes:
    """The data half of the pipeline, in the order in which it runs."""

    examples: BaseNode
    statistics: BaseNode
    region_statistics: BaseNode
    schema: BaseNode
    validator: BaseNode
    region_split: BaseNode
    transform: BaseNode

    def nodes(self) -> list[BaseNode]:
        """All nodes."""
        return list(vars(self).values())


def data_nodes(
    config: RunConfig, inputs: Inputs, input_fingerprint: str | None = None
) -> DataNodes:
    """ListExampleGen > StatisticsGen > SchemaGen > ExampleValidator, RegionSplit > Transform.

    Args:
        config: the dataset and how its features are split.
        inputs: the log files.
        input_fingerprint: stands for the content of the logs; None looks at the files.

    Returns:
        The nodes.
    """
    examples = _examples(config, inputs, input_fingerprint)
    statistics = StatisticsGen(
        examples=examples.outputs["examples"], stats_options=overall_options(config.dataset)
    )
    region_statistics = StatisticsGen(
        examples=examples.outputs["examples"],
        stats_options=region_options(config.dataset),
        exclude_splits=[keys.VALIDATION, keys.EVALUATION],
    ).with_id("RegionStatistics")
    schema = _schema(inputs, statistics)
    return DataNodes(
        examples=examples,
        statistics=statistics,
        region_statistics=region_statistics,
        schema=schema,
        validator=ExampleValidator(
            statistics=statistics.outputs["statistics"], schema=schema.outputs["schema"]
        ),
        region_split=RegionSplit(
            examples=examples.outputs["examples"],
            dataset=config.dataset.model_dump_json(),
            config=config.region_split.model_dump_json(),
            code_version=code_version("data", "components.region_split"),
        ),
        transform=_transform(config, examples, schema),
    )


def _examples(config: RunConfig, inputs: Inputs, input_fingerprint: str | None) -> BaseNode:
    return ListExampleGen(
        dataset=config.dataset,
        input_patterns=inputs.logs,
        evaluation_patterns=inputs.evaluation_logs,
        first_partition=inputs.start.isoformat() if inputs.start else "",
        last_partition=inputs.end.isoformat() if inputs.end else "",
        input_fingerprint=input_fingerprint,
        code_version=code_version("data", "components.list_example_gen"),
    )


def _schema(inputs: Inputs, statistics: BaseNode) -> BaseNode:
    if inputs.schema:
        return ImportSchemaGen(schema_file=inputs.schema).with_id("SchemaGen")
    return SchemaGen(
        statistics=statistics.outputs["statistics"],
        infer_feature_shape=False,
        exclude_splits=[keys.VALIDATION, keys.EVALUATION],
    )


def _transform(config: RunConfig, examples: BaseNode, schema: BaseNode) -> BaseNode:
    transform = Transform(
        examples=examples.outputs["examples"],
        schema=schema.outputs["schema"],
        preprocessing_fn="models.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(analyze=[keys.TRAIN]),
        materialize=False,
        disable_statistics=True,
        disable_analyzer_cache=True,
        custom_config={"dataset": config.dataset.model_dump(mode="json")},
    )
    transform.exec_properties["code_version"] = code_version("data", "models")
    return transform
