"""Finds the version that a run pushed, restores one that was deleted, and says what is served."""

from tfx.dsl.io import fileio

from components.pusher.versions import place_whole, served_version, version_numbers
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


def told_of_serving(folder: str, before: int | None, pusher: NodeResult) -> str | None:
    """A line about what another command, such as `seqmd rollback`, did to the served version.

    Args:
        folder: of the versions.
        before: the version that was served when the run began.
        pusher: what the Pusher wrote.

    Returns:
        The line; None where the version that was served before is served, or the run's own.
    """
    destination, now = _destination(pusher), served_version(folder)
    own = int(destination.rsplit("/", 1)[1]) if destination else None
    serving = "no version" if now is None else f"version {now}"
    if withdrawn := withdrawn_push(pusher):
        return f"The pushed version was withdrawn and stays so: {withdrawn}; {serving} is served."
    meanwhile = "While this run went on,"
    if before is not None and before not in version_numbers(folder):
        if own is not None and now == own:
            return (
                f"{meanwhile} version {before} was withdrawn; {serving}, which this run has pushed,"
                f" is served all the same: `seqmd rollback --model {folder}` withdraws it."
            )
        return f"{meanwhile} version {before} was withdrawn; {serving} is served."
    if now not in (before, own):
        return f"{meanwhile} {serving} came on top, which this run has not pushed: it is served."
    return None


def pushed_version(pusher: NodeResult) -> str | None:
    """Folder of the version that was pushed; None where none was, or it was withdrawn."""
    return None if withdrawn_push(pusher) else _destination(pusher)


def _destination(pusher: NodeResult) -> str | None:
    named = pusher.outputs["pushed_model"].properties.get("pushed_destination")
    return named.rstrip("/") if named else None
