"""The TFX pipeline: search logs in, a pushed ranker out."""

from collections.abc import Sequence

from tfx import v1 as tfx
from tfx.dsl.components.base.base_node import BaseNode

from components.baseline import LatestOtherBlessedModel
from components.evaluator.component import Evaluator
from components.trainer.component import Trainer
from data import keys
from pipeline.code_version import code_version
from pipeline.config import RunConfig
from pipeline.data_nodes import DataNodes, data_nodes
from pipeline.inputs import Inputs
from pipeline.locations import Locations


def create_pipeline(
    config: RunConfig,
    inputs: Inputs,
    locations: Locations,
    beam_pipeline_args: Sequence[str],
) -> tfx.dsl.Pipeline:
    """Wires the components.

    Args:
        config: dataset, model, training, evaluation.
        inputs: the log files.
        locations: where everything is kept.
        beam_pipeline_args: flags of the Beam runner, for all Beam work.

    Returns:
        The pipeline, with caching and its own ML Metadata.
    """
    data = data_nodes(config, inputs)
    trainer = _trainer(config, inputs, data, locations)
    connection = tfx.orchestration.metadata.sqlite_metadata_connection_config
    return tfx.dsl.Pipeline(
        pipeline_name=f"seqmd-{config.dataset.name}",
        pipeline_root=locations.pipeline_root,
        components=[*data.nodes(), trainer, *_release_nodes(config, data, trainer, locations)],
        enable_cache=True,
        metadata_connection_config=connection(str(locations.metadata)),
        beam_pipeline_args=list(beam_pipeline_args),
    )


def _trainer(config: RunConfig, inputs: Inputs, data: DataNodes, locations: Locations) -> BaseNode:
    return Trainer(
        run_fn="models.run_fn.run_fn",
        examples=data.examples.outputs["examples"],
        transform_graph=data.transform.outputs["transform_graph"],
        schema=data.schema.outputs["schema"],
        region_split=data.region_split.outputs["region_split"],
        train_args=tfx.proto.TrainArgs(splits=[keys.TRAIN]),
        eval_args=tfx.proto.EvalArgs(splits=[keys.VALIDATION]),
        custom_config={
            "dataset": config.dataset.model_dump(mode="json"),
            "model": config.model.model_dump(mode="json"),
            "training": config.training.model_dump(mode="json"),
            "warm_start": inputs.warm_start,
            "checkpoint_dir": str(locations.checkpoints),
        },
        code_version=code_version("data", "models", "components.trainer"),
    )


def _release_nodes(
    config: RunConfig, data: DataNodes, trainer: BaseNode, locations: Locations
) -> list[BaseNode]:
    model = trainer.outputs["model"]
    baseline = tfx.dsl.Resolver(
        strategy_class=LatestOtherBlessedModel,
        candidate=model,
        model=tfx.dsl.Channel(type=tfx.types.standard_artifacts.Model),
        model_blessing=tfx.dsl.Channel(type=tfx.types.standard_artifacts.ModelBlessing),
    ).with_id("Baseline")
    evaluator = Evaluator(
        examples=data.examples.outputs["examples"],
        model=model,
        baseline_model=baseline.outputs["model"],
        dataset=config.dataset.model_dump_json(),
        evaluation=config.evaluation.model_dump_json(),
        code_version=code_version("data", "components.evaluator"),
    )
    pusher = tfx.components.Pusher(
        model=model,
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(
                base_directory=str(locations.serving_model)
            )
        ),
    )
    return [baseline, evaluator, pusher]
