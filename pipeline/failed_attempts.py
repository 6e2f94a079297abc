"""Clears up after attempts of a node that failed, were killed or started too early.

A retry within a run reuses the execution of the earlier attempt, and so its folders.
"""

import logging
import os
from collections.abc import Sequence

from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.dsl.io import fileio
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types, outputs_utils
from tfx.orchestration.portable.mlmd import context_lib, execution_lib
from tfx.proto.orchestration import pipeline_pb2

_LOGGER = logging.getLogger("seqmd.nodes")


def clear_failed_attempts(
    compiled: pipeline_pb2.Pipeline,
    node: pipeline_pb2.PipelineNode,
    connection: metadata.ConnectionConfigType,
    of_all_runs: bool = False,
) -> None:
    """Deletes the half-written outputs of earlier attempts, so that no file of theirs is read.

    Args:
        compiled: the run.
        node: the node that is about to be launched.
        connection: of ML Metadata.
        of_all_runs: whether to clear attempts of other runs as well, and to record those that were
            killed as failed; only where no other run can be at work.
    """
    resolver = outputs_utils.OutputsResolver(
        node, compiled.pipeline_info, compiled.runtime_spec, compiled.execution_mode
    )
    with metadata.Metadata(connection) as handle:
        contexts = context_lib.prepare_contexts(handle, node.contexts)
        if of_all_runs:
            run = handle.store.get_context_type(constants.PIPELINE_RUN_CONTEXT_TYPE_NAME)
            contexts = [context for context in contexts if context.type_id != run.id]
        earlier = execution_lib.get_executions_associated_with_all_contexts(handle, contexts)
        if of_all_runs:
            _record_failures(
                handle, [one for one in earlier if execution_lib.is_execution_active(one)]
            )
        else:
            _record_failures(handle, [one for one in earlier if _has_lost_outputs(handle, one)])
    for execution in earlier:
        if execution_lib.is_execution_successful(execution):
            continue
        artifacts = resolver.generate_output_artifacts(execution.id).values()
        folders = [artifact.uri for several in artifacts for artifact in several]
        # The folders may be remote, so that pathlib has no say.
        scratch = os.path.dirname(resolver.get_executor_output_uri(execution.id))  # noqa: PTH120
        for folder in (*folders, scratch):
            if fileio.exists(folder):
                _LOGGER.info("deleting what a failed attempt left in %s", folder)
                fileio.rmtree(folder)


def _record_failures(
    handle: metadata.Metadata, executions: Sequence[metadata_store_pb2.Execution]
) -> None:
    for execution in executions:
        execution.last_known_state = metadata_store_pb2.Execution.FAILED
    if executions:
        handle.store.put_executions(executions)


def _has_lost_outputs(handle: metadata.Metadata, execution: metadata_store_pb2.Execution) -> bool:
    """Whether an output of an earlier attempt in this run has been deleted since."""
    events = handle.store.get_events_by_execution_ids([execution.id])
    outputs = {
        event.artifact_id: event.path.steps[0].key
        for event in events
        if event.type == metadata_store_pb2.Event.OUTPUT and event.path.steps
    }
    there = {
        outputs[artifact.id]
        for artifact in handle.store.get_artifacts_by_id(list(outputs))
        if artifact.state != metadata_store_pb2.Artifact.DELETED
    }
    return there != set(outputs.values())


def add_missing_inputs(
    execution: data_types.ExecutionInfo, connection: metadata.ConnectionConfigType
) -> None:
    """Links an execution to its inputs, where its first attempt started before they were there.

    Args:
        execution: what the Launcher returned.
        connection: of ML Metadata.
    """
    if not execution.input_dict or execution.execution_id is None:
        return
    with metadata.Metadata(connection) as handle:
        identity = [execution.execution_id]
        events = handle.store.get_events_by_execution_ids(identity)
        if any(event.type == metadata_store_pb2.Event.INPUT for event in events):
            return
        (known,) = handle.store.get_executions_by_id(identity)
        contexts = handle.store.get_contexts_by_execution(execution.execution_id)
        execution_lib.put_execution(handle, known, contexts, input_artifacts=execution.input_dict)
