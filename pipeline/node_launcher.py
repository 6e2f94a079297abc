"""Runs one node in this process, with TFX's Launcher."""

import time
from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import compiler, constants
from tfx.orchestration import metadata
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import (
    data_types,
    inputs_utils,
    launcher,
    runtime_parameter_utils,
)
from tfx.orchestration.portable.input_resolution import exceptions
from tfx.proto.orchestration import pipeline_pb2

from pipeline.beam_workers import watched_beam_workers
from pipeline.failed_attempts import add_missing_inputs, clear_failed_attempts
from pipeline.node_result import NodeFailedError, NodeResult, Output

_CLEAR, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
# Tells Linux to forget the peak of the resident size.
_FORGET_PEAK = "5"
_PEAK = "VmHWM:"


def compile_run(pipeline: tfx_pipeline.Pipeline, run_id: str) -> pipeline_pb2.Pipeline:
    """TFX's intermediate representation of one run of a pipeline.

    Args:
        pipeline: the pipeline.
        run_id: id of the run; a retry of the run keeps it.

    Returns:
        The compiled pipeline, its nodes in an order in which they can run.
    """
    compiled = compiler.Compiler().compile(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    return compiled


def launch_node(
    compiled: pipeline_pb2.Pipeline,
    node: pipeline_pb2.PipelineNode,
    connection: metadata.ConnectionConfigType,
) -> NodeResult:
    """Runs a node, unless the cache answers or it has succeeded in this run before.

    Args:
        compiled: the run that the node belongs to.
        node: the node.
        connection: of ML Metadata.

    Returns:
        How it ended, and its outputs.

    Raises:
        NodeFailedError: if it ends in any other state than complete or cached.
        Exception: what its executor raised.
    """
    started = time.monotonic()
    _forget_peak()
    clear_failed_attempts(compiled, node, connection)
    with watched_beam_workers():
        execution = _launch(compiled, node, connection)
    seconds, peak = time.monotonic() - started, _peak_memory()
    name = node.node_info.id
    if execution is None or execution.execution_id is None:
        raise NodeFailedError(f"{name} was not run: its inputs did not resolve.")
    add_missing_inputs(execution, connection)
    store = mlmd.MetadataStore(connection)
    state = store.get_executions_by_id([execution.execution_id])[0].last_known_state
    states = metadata_store_pb2.Execution
    if state not in (states.COMPLETE, states.CACHED):
        why = _missing_inputs(node, connection) or "another process ended it"
        raise NodeFailedError(f"{name} ended as {states.State.Name(state)}: {why}.")
    outputs = _outputs(store, execution.execution_id)
    return NodeResult(name, seconds, state == states.CACHED, outputs, peak)


def _launch(
    compiled: pipeline_pb2.Pipeline,
    node: pipeline_pb2.PipelineNode,
    connection: metadata.ConnectionConfigType,
) -> data_types.ExecutionInfo | None:
    name = node.node_info.id
    deployment = runner_utils.extract_local_deployment_config(compiled)
    return launcher.Launcher(
        pipeline_node=node,
        mlmd_connection=metadata.Metadata(connection),
        pipeline_info=compiled.pipeline_info,
        pipeline_runtime_spec=compiled.runtime_spec,
        executor_spec=runner_utils.extract_executor_spec(deployment, name),
        custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, name),
    ).launch()


def _missing_inputs(
    node: pipeline_pb2.PipelineNode, connection: metadata.ConnectionConfigType
) -> str | None:
    """Why a node could not run, where no executor raised; None if its inputs are there."""
    try:
        with metadata.Metadata(connection) as handle:
            inputs_utils.resolve_input_artifacts(pipeline_node=node, metadata_handle=handle)
    except exceptions.InputResolutionError as error:
        needed = ", ".join(node.upstream_nodes)
        return f"its inputs did not resolve. It needs what {needed} make in the same run ({error})"
    return None


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


def _forget_peak() -> None:
    """Resets the peak of the memory, where the system allows it."""
    try:
        _CLEAR.write_text(_FORGET_PEAK)
    except OSError:
        return


def _peak_memory() -> int | None:
    """Largest resident size in bytes since `_forget_peak`, without processes that were started.

    Returns:
        The size; None where the system does not say.
    """
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(_PEAK)), None)
