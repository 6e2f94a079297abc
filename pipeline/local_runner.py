"""Runs a pipeline's nodes one after the other in this process."""

import datetime
from typing import Protocol

import ml_metadata as mlmd
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.proto.orchestration import pipeline_pb2

from pipeline.artifact_store import forget_lost_artifacts
from pipeline.failed_attempts import clear_failed_attempts
from pipeline.node_launcher import compile_run, launch_node
from pipeline.node_result import NodeResult


class Observer(Protocol):
    """Follows a run."""

    def node_started(self, node: str) -> None:
        """A node starts."""

    def node_finished(self, result: NodeResult) -> None:
        """A node has completed or was answered from the cache."""


def run_locally(
    pipeline: tfx_pipeline.Pipeline,
    observer: Observer,
    target: str | None = None,
    run_id: str | None = None,
) -> dict[str, NodeResult]:
    """Runs the nodes of a pipeline, which no other process runs at the same time.

    Args:
        pipeline: the pipeline, with a metadata connection.
        observer: follows the nodes.
        target: id of a node, to run it and what it depends on; None runs all.
        run_id: unique id of the run in ML Metadata; the time by default.

    Returns:
        The results by node id, in the order in which they ran.

    Raises:
        NodeFailedError: if a node ends in any other state than complete or cached.
        Exception: what the executor of a node raised.
    """
    compiled = compile_run(pipeline, run_id or datetime.datetime.now().isoformat())
    connection = pipeline.metadata_connection_config
    forget_lost_artifacts(mlmd.MetadataStore(connection), pipeline.pipeline_info.pipeline_name)
    results = {}
    for pipeline_node in _wanted(compiled, target):
        observer.node_started(pipeline_node.node_info.id)
        clear_failed_attempts(compiled, pipeline_node, connection, of_all_runs=True)
        result = launch_node(compiled, pipeline_node, connection)
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
