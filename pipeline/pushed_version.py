"""Finds the version that a run pushed, and restores one that was deleted."""

from tfx.dsl.io import fileio

from components.pusher.versions import place_whole
from data.artifacts.model_folder import WITHDRAWN
from pipeline.node_result import NodeResult


def restore_push(pusher: NodeResult) -> str | None:
    """Restores a deleted version from the Pusher's artifact.

    The version appears under its name only when it is whole. One that `seqmd rollback` withdrew
    stays so.

    Args:
        pusher: what the Pusher wrote.

    Returns:
        Folder of the version that was restored; None where nothing was missing.
    """
    destination = _destination(pusher)
    if destination is None or fileio.exists(destination) or withdrawn_push(pusher):
        return None
    place_whole(pusher.outputs["pushed_model"].uri, destination)
    return destination


def withdrawn_push(pusher: NodeResult) -> str | None:
    """Folder of a pushed version that was withdrawn; None for one that was not."""
    destination = _destination(pusher)
    if destination is None or fileio.exists(destination):
        return None
    folder, version = destination.rsplit("/", 1)
    withdrawn = f"{folder}/{WITHDRAWN}/{version}"
    return withdrawn if fileio.exists(withdrawn) else None


def pushed_version(pusher: NodeResult) -> str | None:
    """Folder of the version that was pushed; None where none was, or it was withdrawn."""
    return None if withdrawn_push(pusher) else _destination(pusher)


def _destination(pusher: NodeResult) -> str | None:
    named = pusher.outputs["pushed_model"].properties.get("pushed_destination")
    return named.rstrip("/") if named else None
