"""A pushed version that was deleted, while the Pusher answers from the cache."""

from tfx.dsl.io import fileio
from tfx.utils import io_utils

from pipeline.node_result import NodeResult


def restore_push(pusher: NodeResult) -> str | None:
    """Brings a deleted version back from the artifact that the Pusher kept of it.

    The version appears under its name only when it is whole.

    Args:
        pusher: what the Pusher wrote.

    Returns:
        Folder of the version that was restored; None where nothing was missing.
    """
    pushed = pusher.outputs["pushed_model"]
    destination = pushed.properties.get("pushed_destination")
    if not destination or fileio.exists(destination):
        return None
    folder, version = destination.rstrip("/").rsplit("/", 1)
    partial = f"{folder}/.{version}.partial"
    if fileio.exists(partial):
        fileio.rmtree(partial)
    io_utils.copy_dir(pushed.uri, partial)
    fileio.rename(partial, destination)
    return destination
