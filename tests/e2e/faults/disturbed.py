"""Runs `seqmd run` over one output folder again and again, each time with another fault.

`python -m tests.e2e.faults.disturbed STEPS.json OUTPUT FOUND.json WORDS ...`, WORDS being the
command line. Every step is a process of its own, forked from this one, which has imported the
libraries once: a start takes no seconds.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.e2e.faults import dying
from tests.warm import import_all

IN_WORKERS = "--direct_running_mode=multi_processing --direct_num_workers=1"
# Seconds for which the file is held at least; the run waits far longer.
HELD = 2
LOCKED = "import sqlite3,sys,time; c = sqlite3.connect(sys.argv[1], isolation_level=None); \
c.execute('BEGIN EXCLUSIVE'); print(flush=True); time.sleep(float(sys.argv[2]))"


def kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def killed(output: Path, step: dict[str, Any]) -> Iterator[None]:
    """In the node's first write, in one that is named, or when ML Metadata is not told yet."""
    if step["within"] == "checkpoint":
        dying.die_in_checkpoint(2)
    elif step["within"] == "export":
        dying.die_in_export()
    elif step["within"] == "push":
        dying.die_in_push()
    elif step["within"] == "write":
        dying.die_in_the_next_write(step.get("longest", dying.TORN))
    yield
    kill_this_process()


@contextlib.contextmanager
def worker_killed(output: Path, step: dict[str, Any]) -> Iterator[None]:
    """Beam's workers are killed in the node's writing."""
    dying.die_in_beam_worker()
    yield


@contextlib.contextmanager
def disk_full(output: Path, step: dict[str, Any]) -> Iterator[None]:
    """All space of the small disk is taken before the node runs."""
    with (output / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(b"0" * size):
                    pass
    yield


@contextlib.contextmanager
def locked(output: Path, step: dict[str, Any]) -> Iterator[None]:
    """Another program holds ML Metadata's file when the node is done."""
    yield
    command = [sys.executable, "-c", LOCKED, str(output / "metadata.sqlite"), str(HELD)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()


FAULTS = {"kill": killed, "worker": worker_killed, "disk": disk_full, "lock": locked}


def disturb(output: Path, step: dict[str, Any]) -> None:
    """Has a node of this process's run meet the fault."""
    from tfx.orchestration.portable import launcher

    from components.last_run import LatestOtherBlessedModel

    node, fault = step["node"], FAULTS[step["fault"]]
    if node == "Baseline":
        LatestOtherBlessedModel.resolve_artifacts = lambda *_: kill_this_process()
        return
    run_executor = launcher.Launcher._run_executor

    def disturbed(self: Any, execution: Any) -> Any:
        if self._pipeline_node.node_info.id != node:
            return run_executor(self, execution)
        with fault(output, step):
            return run_executor(self, execution)

    launcher.Launcher._run_executor = disturbed


def forked(work: Callable[[], int], screen: Path) -> int:
    """Return code of the work in a process of its own; negative for a signal."""
    # A pipe, since a process that may write no more files still writes to its screen.
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        code = 70
        try:
            code = work()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(sink)
    with os.fdopen(source, "rb") as shown:
        screen.write_bytes(shown.read())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def state_of(output: Path) -> dict[str, Any]:
    """What a server and the next run would find now."""
    versions = [path for path in output.glob("serving_model/*") if path.name.isdecimal()]
    return {
        "versions": [path.name for path in versions],
        "whole": [path.name for path in versions if (path / "saved_model.pb").exists()],
        "checkpoints": len(list(output.glob("checkpoints/*/checkpoint"))),
        "summary": (output / "summary.json").exists(),
        "torn": dying.torn_files(output),
        "torn_temporary": dying.torn_files(Path(tempfile.gettempdir())),
    }


def run_step(step: dict[str, Any], output: Path, words: list[str], screens: Path) -> dict[str, Any]:
    from pipeline.cli import main

    def work() -> int:
        if step.get("fault") in FAULTS:
            disturb(output, step)
        beam = [f"--beam-args={IN_WORKERS}"] if step.get("fault") == "worker" else []
        return main([*words, *beam])

    screen = screens / f"{len(list(screens.iterdir())):02d}.txt"
    tempfile.tempdir = os.environ["TMPDIR"] = tempfile.mkdtemp(dir=screens.parent)
    if step.get("fault") == "other run":
        with (output / ".lock").open("a+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            code = forked(work, screen)
    else:
        code = forked(work, screen)
    (output / "filler").unlink(missing_ok=True)
    return {**step, "code": code, "screen": screen.read_text()} | state_of(output)


def main(steps: str, output: str, found: str, *words: str) -> None:
    import_all()
    folder, screens = Path(output), Path(found).with_suffix(".screens")
    folder.mkdir(exist_ok=True)
    screens.mkdir()
    planned = json.loads(Path(steps).read_text())
    if any(step.get("fault") == "disk" for step in planned):
        kept = folder.with_name(f"{folder.name}-kept")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", output], check=True)
        results = [run_step(step, folder, list(words), screens) for step in planned]
        shutil.copytree(folder, kept)
    else:
        results = [run_step(step, folder, list(words), screens) for step in planned]
    Path(found).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
