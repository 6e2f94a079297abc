"""What every component of a run was made from, by ML Metadata."""

from collections.abc import Iterable
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.orchestration.metadata import ConnectionConfigType

_EVENTS = metadata_store_pb2.Event
_SIDES = {
    "inputs": (_EVENTS.INPUT, _EVENTS.DECLARED_INPUT),
    "outputs": (_EVENTS.OUTPUT, _EVENTS.DECLARED_OUTPUT),
}


def lineage(connection: ConnectionConfigType, run_id: str) -> list[dict[str, Any]]:
    """The executions of a run with their artifacts.

    Args:
        connection: of ML Metadata.
        run_id: names the run.

    Returns:
        By execution: `component`, `execution` (its id), `state`, `inputs` and `outputs`, each an
        artifact with `key`, `artifact` (its id), `type` and `uri`. In the order of the ids; none
        where the run is not known.
    """
    store = mlmd.MetadataStore(connection)
    context = store.get_context_by_type_and_name(constants.PIPELINE_RUN_CONTEXT_TYPE_NAME, run_id)
    if context is None:
        return []
    executions = sorted(store.get_executions_by_context(context.id), key=lambda one: one.id)
    events = store.get_events_by_execution_ids([execution.id for execution in executions])
    artifacts = {one.id: one for one in store.get_artifacts_by_id(_ids(events))}
    return [
        {
            "component": _node(store, execution),
            "execution": execution.id,
            "state": metadata_store_pb2.Execution.State.Name(execution.last_known_state).lower(),
            **{
                side: [
                    _described(event, artifacts[event.artifact_id])
                    for event in events
                    if event.execution_id == execution.id and event.type in kinds
                ]
                for side, kinds in _SIDES.items()
            },
        }
        for execution in executions
    ]


def _node(store: mlmd.MetadataStore, execution: metadata_store_pb2.Execution) -> str:
    contexts = store.get_contexts_by_execution(execution.id)
    names = [one.name for one in contexts if one.type == constants.NODE_CONTEXT_TYPE_NAME]
    return (names or [execution.type])[0].rpartition(".")[2]


def _ids(events: Iterable[metadata_store_pb2.Event]) -> list[int]:
    return sorted({event.artifact_id for event in events})


def _described(
    event: metadata_store_pb2.Event, artifact: metadata_store_pb2.Artifact
) -> dict[str, Any]:
    key = event.path.steps[0].key if event.path.steps else ""
    return {"key": key, "artifact": artifact.id, "type": artifact.type, "uri": artifact.uri}
