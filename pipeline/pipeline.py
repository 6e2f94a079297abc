"""The TFX pipeline: search logs in, a pushed ranker out."""

from collections.abc import Sequence

# Not from tfx.v1, which loads Google's cloud clients too: a third of the time that a start takes.
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.components.common.resolver import Resolver
from tfx.orchestration.metadata import ConnectionConfigType
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import pusher_pb2, trainer_pb2
from tfx.types.channel import Channel
from tfx.types.standard_artifacts import Model, ModelBlessing

from components.diagnostics.component import Diagnostics
from components.evaluator.component import Evaluator
from components.last_run import LatestOtherBlessedModel
from components.pusher.component import Pusher
from components.trainer.component import Trainer
from data.definition import keys
from pipeline.code_version import code_version, libraries_version
from pipeline.config import RunConfig
from pipeline.data_nodes import DataNodes, data_nodes
from pipeline.locations import Folders, Inputs

CODE_VERSION = "code_version"
_RUN_FN = "models.training.run_fn.run_fn"


def create_pipeline(
    config: RunConfig,
    inputs: Inputs,
    folders: Folders,
    beam_pipeline_args: Sequence[str],
    metadata: ConnectionConfigType,
    cache: bool = True,
    input_fingerprint: str | None = None,
    name: str | None = None,
) -> Pipeline:
    """Wires the components.

    Args:
        config: dataset, model, training, evaluation.
        inputs: the log files.
        folders: where the nodes keep everything.
        beam_pipeline_args: flags of the Beam runner, for all Beam work.
        metadata: connection of ML Metadata.
        cache: whether a node whose inputs, settings and code have not changed is answered from
            an earlier run.
        input_fingerprint: stands for the content of the logs and listings, which are not looked at
            then; a process that runs a node that reads neither needs none.
        name: of the pipeline in ML Metadata; runs of one name share cache and baseline.

    Returns:
        The pipeline.
    """
    data = data_nodes(config, inputs, input_fingerprint)
    trainer = _trainer(config, inputs, data, folders)
    nodes = [*data.nodes(), trainer, *_release_nodes(config, data, trainer, folders)]
    name = name or _name(config)
    return _pipeline_of(nodes, name, folders, beam_pipeline_args, metadata, cache)


def create_data_pipeline(
    config: RunConfig,
    inputs: Inputs,
    folders: Folders,
    beam_pipeline_args: Sequence[str],
    metadata: ConnectionConfigType,
    cache: bool = True,
) -> tuple[Pipeline, str]:
    """Wires the components that read, check and prepare the logs, those of `create_pipeline`.

    A run with the same definition is answered from their cache, and they from a run's.

    Args:
        config: dataset and region split.
        inputs: the log files.
        folders: where the nodes keep everything.
        beam_pipeline_args: flags of the Beam runner, for all Beam work.
        metadata: connection of ML Metadata.
        cache: as `create_pipeline` has it.

    Returns:
        The pipeline, and what stands for the content of the logs and of listings.
    """
    data = data_nodes(config, inputs)
    readers = filter(None, (data.attributes, data.examples))
    fingerprint = "-".join(one.exec_properties["input_fingerprint"] for one in readers)
    nodes, name = data.nodes(), _name(config)
    return _pipeline_of(nodes, name, folders, beam_pipeline_args, metadata, cache), fingerprint


def _pipeline_of(
    nodes: Sequence[BaseNode],
    name: str,
    folders: Folders,
    beam_pipeline_args: Sequence[str],
    metadata: ConnectionConfigType,
    cache: bool,
) -> Pipeline:
    """A pipeline of some nodes; see `create_pipeline`."""
    for node in nodes:
        _record_version(node)
    return Pipeline(
        pipeline_name=name,
        pipeline_root=folders.pipeline_root,
        components=list(nodes),
        enable_cache=cache,
        metadata_connection_config=metadata,
        beam_pipeline_args=list(beam_pipeline_args),
    )


def _name(config: RunConfig) -> str:
    return f"seqmd-{config.dataset.name}"


def _record_version(node: BaseNode) -> None:
    """New code and new libraries are a new `code_version`, which the cache does not answer.

    A node's code is its executor and the functions that its properties name.
    """
    executor = getattr(node.executor_spec, "executor_class", object).__module__
    named = [value for value in node.exec_properties.values() if isinstance(value, str)]
    versions = (code_version(executor, *named), libraries_version())
    node.exec_properties[CODE_VERSION] = "-".join(filter(None, versions))


def _trainer(config: RunConfig, inputs: Inputs, data: DataNodes, folders: Folders) -> BaseNode:
    return Trainer(
        run_fn=_RUN_FN,
        examples=data.examples.outputs["examples"],
        transform_graph=data.transform.outputs["transform_graph"],
        schema=data.schema.outputs["schema"],
        region_split=data.region_split.outputs["region_split"],
        train_args=trainer_pb2.TrainArgs(splits=[keys.TRAIN]),
        eval_args=trainer_pb2.EvalArgs(splits=[keys.VALIDATION]),
        custom_config={
            "dataset": config.dataset.model_dump(mode="json"),
            "model": config.model.model_dump(mode="json"),
            "training": config.training.model_dump(mode="json"),
            "warm_start": inputs.warm_start,
            "checkpoint_dir": folders.checkpoints,
            # Tells checkpoints apart: new code does not go on where the old one was killed.
            "code_version": f"{code_version(_RUN_FN)}-{libraries_version()}",
        },
    )


def _release_nodes(
    config: RunConfig, data: DataNodes, trainer: BaseNode, folders: Folders
) -> list[BaseNode]:
    model = trainer.outputs["model"]
    baseline = Resolver(
        strategy_class=LatestOtherBlessedModel,
        candidate=model,
        model=Channel(type=Model),
        model_blessing=Channel(type=ModelBlessing),
    ).with_id("Baseline")
    evaluator = Evaluator(
        examples=data.examples.outputs["examples"],
        model=model,
        baseline_model=baseline.outputs["model"],
        dataset=config.dataset.model_dump_json(),
        evaluation=config.evaluation.model_dump_json(),
    )
    pusher = Pusher(
        model=model,
        model_blessing=evaluator.outputs["blessing"],
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=folders.serving_model)
        ),
    )
    diagnostics = Diagnostics(
        examples=data.examples.outputs["examples"],
        model=model,
        dataset=config.dataset.model_dump_json(),
        evaluation=config.evaluation.model_dump_json(),
    )
    # They are for people, and no model waits for them.
    diagnostics.add_upstream_node(pusher)
    return [baseline, evaluator, pusher, diagnostics]
