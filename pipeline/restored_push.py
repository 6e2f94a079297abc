"""A pushed version that was deleted, while the Pusher answers from the cache."""

import shutil
from pathlib import Path

from tfx.utils import io_utils

from pipeline.local_runner import NodeResult


def restore_push(pusher: NodeResult) -> Path | None:
    """Brings a deleted version back from the artifact that the Pusher kept of it.

    The version appears under its name only when it is whole.

    Args:
        pusher: what the Pusher wrote.

    Returns:
        Folder of the version that was restored; None where nothing was missing.
    """
    pushed = pusher.outputs["pushed_model"]
    named = pushed.properties.get("pushed_destination")
    if not named or Path(named).exists():
        return None
    destination = Path(named)
    partial = destination.with_name(f".{destination.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    io_utils.copy_dir(pushed.uri, str(partial))
    partial.rename(destination)
    return destination
