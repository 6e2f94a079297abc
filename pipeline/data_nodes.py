"""The nodes that read, check and prepare the logs."""

from dataclasses import dataclass

from tfx.components import SchemaGen, StatisticsGen, Transform
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.components.base.base_node import BaseNode
from tfx.proto import transform_pb2
from tfx.types.channel import BaseChannel, Channel
from tfx.types.standard_artifacts import ExampleAnomalies, ExampleStatistics

from components.attribute_fill.component import AttributeFill
from components.example_validator.component import ExampleValidator
from components.last_run import ACCEPTED, CANDIDATE, FOUND, LastAccepted, LastOfOtherRun, resolved
from components.list_example_gen.component import ListExampleGen
from components.list_statistics import overall_options
from components.region_split.component import RegionSplit, RegionSplitArtifact
from components.region_statistics.component import RegionStatistics
from components.serving_statistics.component import ServingStatistics
from data.definition import keys
from pipeline.config import RunConfig
from pipeline.locations import Inputs


@dataclass(frozen=True)
class DataNodes:
    """The data half of the pipeline, in the order in which it runs."""

    attributes: BaseNode | None
    examples: BaseNode
    statistics: BaseNode
    region_statistics: BaseNode
    serving_statistics: BaseNode | None
    schema: BaseNode
    validator: BaseNode
    region_split: BaseNode
    transform: BaseNode

    def nodes(self) -> list[BaseNode]:
        """All nodes."""
        return [node for node in vars(self).values() if node is not None]


def data_nodes(
    config: RunConfig, inputs: Inputs, input_fingerprint: str | None = None
) -> DataNodes:
    """ListExampleGen > StatisticsGen > SchemaGen > ExampleValidator, RegionSplit > Transform.

    Where the dataset has listings, AttributeFill comes before all.

    Args:
        config: the dataset and how its features are split.
        inputs: the log files.
        input_fingerprint: stands for the content of logs and listings; None looks at the files.

    Returns:
        The nodes.
    """
    attributes = _attributes(config, input_fingerprint)
    examples = _examples(config, inputs, input_fingerprint, attributes)
    statistics = StatisticsGen(
        examples=examples.outputs["examples"], stats_options=overall_options(config.dataset)
    )
    region_statistics = RegionStatistics(
        examples=examples.outputs["examples"], dataset=config.dataset.model_dump_json()
    )
    serving_statistics = _serving_statistics(config, inputs, input_fingerprint)
    schema = _schema(inputs, statistics)
    validator = ExampleValidator(
        statistics=statistics.outputs["statistics"],
        schema=schema.outputs["schema"],
        region_statistics=region_statistics.outputs["statistics"],
        last_statistics=_last_statistics(region_statistics),
        serving_statistics=serving_statistics and serving_statistics.outputs["statistics"],
        dataset=config.dataset.model_dump_json(),
        config=config.validation.model_dump_json(),
        serving_logs=" ".join(inputs.serving_logs),
    )
    nodes = DataNodes(
        attributes=attributes,
        examples=examples,
        statistics=statistics,
        region_statistics=region_statistics,
        serving_statistics=serving_statistics,
        schema=schema,
        validator=validator,
        region_split=_region_split(config, examples),
        transform=_transform(config, examples, schema),
    )
    for node in (nodes.region_split, nodes.transform):
        # Nothing is learnt of data that was refused, also where nodes run side by side.
        node.add_upstream_node(validator)
    return nodes


def _last_statistics(region_statistics: BaseNode) -> BaseChannel:
    return resolved(
        LastAccepted,
        {
            CANDIDATE: region_statistics.outputs["statistics"],
            FOUND: Channel(type=ExampleStatistics),
            ACCEPTED: Channel(type=ExampleAnomalies),
        },
    )


def _serving_statistics(
    config: RunConfig, inputs: Inputs, input_fingerprint: str | None
) -> BaseNode | None:
    if not inputs.serving_logs:
        return None
    return ServingStatistics(
        dataset=config.dataset.as_sent,
        input_patterns=inputs.serving_logs,
        input_fingerprint=input_fingerprint,
    )


def _region_split(config: RunConfig, examples: BaseNode) -> BaseNode:
    settings = config.region_split.model_dump_json()
    last = resolved(
        LastOfOtherRun,
        {CANDIDATE: examples.outputs["examples"], FOUND: Channel(type=RegionSplitArtifact)},
        settings=settings,
    )
    return RegionSplit(
        examples=examples.outputs["examples"],
        last_region_split=last,
        dataset=config.dataset.model_dump_json(),
        config=settings,
    )


def _attributes(config: RunConfig, input_fingerprint: str | None) -> BaseNode | None:
    if config.dataset.listings is None:
        return None
    return AttributeFill(
        fill_fn="models.attributes.item_filling.fill_items",
        dataset=config.dataset,
        input_fingerprint=input_fingerprint,
    )


def _examples(
    config: RunConfig,
    inputs: Inputs,
    input_fingerprint: str | None,
    attributes: BaseNode | None,
) -> BaseNode:
    return ListExampleGen(
        dataset=config.dataset,
        input_patterns=inputs.logs,
        evaluation_patterns=inputs.evaluation_logs,
        first_partition=inputs.start.isoformat() if inputs.start else "",
        last_partition=inputs.end.isoformat() if inputs.end else "",
        input_fingerprint=input_fingerprint,
        attributes=attributes and attributes.outputs["attributes"],
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
    return Transform(
        examples=examples.outputs["examples"],
        schema=schema.outputs["schema"],
        preprocessing_fn="models.features.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(analyze=[keys.TRAIN]),
        materialize=False,
        disable_statistics=True,
        disable_analyzer_cache=True,
        custom_config={"dataset": config.dataset.model_dump(mode="json")},
    )
