"""Runs a pipeline's nodes one after the other in this process, on TFX's own Launcher."""

import datetime
import time
from dataclasses import dataclass, field
from typing import Protocol

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import compiler, constants
from tfx.orchestration import metadata
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import launcher, runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2


@dataclass(frozen=True)
class Output:
    """An artifact that a node wrote.

    Attributes:
        uri: its folder.
        properties: its custom properties that are text.
    """

    uri: str
    properties: dict[str, str]


@dataclass(frozen=True)
class NodeResult:
    """What became of a node.

    Attributes:
        node: id of the node.
        seconds: how long it took.
        cached: whether it was answered from the cache.
        outputs: its artifacts by output key.
    """

    node: str
    seconds: float
    cached: bool
    outputs: dict[str, Output] = field(default_factory=dict)


class Observer(Protocol):
    """Is told which node runs."""

    def node_started(self, node: str) -> None:
        """A node starts."""

    def node_finished(self, result: NodeResult) -> None:
        """A node has completed or was answered from the cache."""


class NodeFailedError(RuntimeError):
    """A node did not complete, or its inputs did not resolve."""


def run_locally(
    pipeline: tfx_pipeline.Pipeline, observer: Observer, target: str | None = None
) -> dict[str, NodeResult]:
    """Runs the nodes of a pipeline.

    Args:
        pipeline: the pipeline, with a metadata connection.
        observer: is told of each node.
        target: id of the only node that is wanted, with those it depends on; None runs all.

    Returns:
        The results by node id, in the order in which they ran.

    Raises:
        NodeFailedError: if a node ends in any other state than complete or cached.
        Exception: what the executor of a node raised.
    """
    compiled = compiler.Compiler().compile(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled,
        {constants.PIPELINE_RUN_ID_PARAMETER_NAME: datetime.datetime.now().isoformat()},
    )
    connection = pipeline.metadata_connection_config
    results = {}
    for pipeline_node in _wanted(compiled, target):
        observer.node_started(pipeline_node.node_info.id)
        result = _run_node(compiled, pipeline_node, connection)
        results[result.node] = result
        observer.node_finished(result)
    return results


def _wanted(compiled: pipeline_pb2.Pipeline, target: str | None) -> list[pipeline_pb2.PipelineNode]:
    """The target and what it depends on, in the order in which they can run."""
    nodes = [node.pipeline_node for node in compiled.nodes]
    if target is None:
        return nodes
    wanted = {target}
    for node in reversed(nodes):
        if node.node_info.id in wanted:
            wanted.update(node.upstream_nodes)
    return [node for node in nodes if node.node_info.id in wanted]


def _run_node(
    compiled: pipeline_pb2.Pipeline,
    node: pipeline_pb2.PipelineNode,
    connection: metadata_store_pb2.ConnectionConfig,
) -> NodeResult:
    node_id = node.node_info.id
    deployment = runner_utils.extract_local_deployment_config(compiled)
    started = time.monotonic()
    execution = launcher.Launcher(
        pipeline_node=node,
        mlmd_connection=metadata.Metadata(connection),
        pipeline_info=compiled.pipeline_info,
        pipeline_runtime_spec=compiled.runtime_spec,
        executor_spec=runner_utils.extract_executor_spec(deployment, node_id),
        custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, node_id),
    ).launch()
    seconds = time.monotonic() - started
    if execution is None or execution.execution_id is None:
        raise NodeFailedError(f"{node_id} was not run: its inputs did not resolve.")
    store = mlmd.MetadataStore(connection)
    state = store.get_executions_by_id([execution.execution_id])[0].last_known_state
    states = metadata_store_pb2.Execution
    if state not in (states.COMPLETE, states.CACHED):
        raise NodeFailedError(f"{node_id} ended as {states.State.Name(state)}.")
    outputs = _outputs(store, execution.execution_id)
    return NodeResult(node_id, seconds, state == states.CACHED, outputs)


def _outputs(store: mlmd.MetadataStore, execution: int) -> dict[str, Output]:
    """Artifacts as ML Metadata knows them: on a cache hit the Launcher names others."""
    events = store.get_events_by_execution_ids([execution])
    produced = {
        event.artifact_id: event.path.steps[0].key
        for event in events
        if event.type == metadata_store_pb2.Event.OUTPUT and event.path.steps
    }
    return {
        produced[artifact.id]: Output(artifact.uri, _texts(artifact))
        for artifact in store.get_artifacts_by_id(list(produced))
    }


def _texts(artifact: metadata_store_pb2.Artifact) -> dict[str, str]:
    properties = artifact.custom_properties.items()
    return {name: value.string_value for name, value in properties if value.string_value}
