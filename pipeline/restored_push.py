"""A pushed version that was deleted, while the Pusher answers from the cache."""

import shutil
from pathlib import Path

from pipeline.local_runner import NodeResult
from pipeline.pushed import WITHDRAWN


def restore_push(pusher: NodeResult) -> Path | None:
    """Brings a deleted version back from the artifact that the Pusher kept of it.

    The version appears under its name only when it is whole. One that `seqmd rollback` withdrew
    stays so.

    Args:
        pusher: what the Pusher wrote.

    Returns:
        Folder of the version that was restored; None where nothing was missing.
    """
    destination = _destination(pusher)
    if destination is None or destination.exists() or withdrawn_push(pusher):
        return None
    partial = destination.with_name(f".{destination.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(pusher.outputs["pushed_model"].uri, partial)
    partial.rename(destination)
    return destination


def withdrawn_push(pusher: NodeResult) -> Path | None:
    """Where a pushed version lies that was withdrawn; None for one that was not."""
    destination = _destination(pusher)
    if destination is None or destination.exists():
        return None
    withdrawn = destination.parent / WITHDRAWN / destination.name
    return withdrawn if withdrawn.exists() else None


def _destination(pusher: NodeResult) -> Path | None:
    named = pusher.outputs["pushed_model"].properties.get("pushed_destination")
    return Path(named) if named else None
