"""A pushed version that was deleted or withdrawn, while the Pusher answers from the cache."""

from tfx.dsl.io import fileio

from components.pusher.versions import place_whole
from data.model_folder import WITHDRAWN
from pipeline.node_result import NodeResult


def restore_push(pusher: NodeResult) -> str | None:
    """Brings a deleted version back from the artifact that the Pusher kept of it.

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
    """Where a pushed version lies that was withdrawn; None for one that was not."""
    destination = _destination(pusher)
    if destination is None or fileio.exists(destination):
        return None
    folder, version = destination.rsplit("/", 1)
    withdrawn = f"{folder}/{WITHDRAWN}/{version}"
    return withdrawn if fileio.exists(withdrawn) else None


def pushed_version(pusher: NodeResult) -> str | None:
    """Folder of the version that was pushed; None for none, or one that was withdrawn."""
    return None if withdrawn_push(pusher) else _destination(pusher)


def _destination(pusher: NodeResult) -> str | None:
    named = pusher.outputs["pushed_model"].properties.get("pushed_destination")
    return named.rstrip("/") if named else None
