"""The worker processes that Beam starts for one with `direct_running_mode=multi_processing`."""

import contextlib
import os
import signal
from pathlib import Path

FLAGS = "--direct_running_mode=multi_processing --direct_num_workers=1"
_MODULE = b"apache_beam.runners.worker.sdk_worker_main"
# The workers inherit it: other processes' workers are left alone.
_MARK = "SEQMD_DISTURBED"


def mark_workers() -> None:
    """Tells workers that this process will start from those of others."""
    os.environ[_MARK] = str(os.getpid())


def kill_workers() -> None:
    """Ends the workers of this process by SIGKILL."""
    mark = f"{_MARK}={os.getpid()}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if _MODULE in words and mark in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
