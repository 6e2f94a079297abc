"""Runs `seqmd run` over one output folder again and again, each time with another fault.

`python -m tests.e2e.faults.disturbed STEPS.json OUTPUT FOUND.json WORDS ...`, WORDS being the
command line. Every step is a process of its own, forked from this one, which has imported the
libraries once: a start takes no seconds.
"""

import contextlib
import fcntl
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.e2e.faults.beam_workers import FLAGS, kill_workers, mark_workers

MODULES = (
    "pipeline.cli",
    "pipeline.commands.run",
    "pipeline.commands.console",
    "pipeline.local_runner",
    "pipeline.pipeline",
    "pipeline.pushed_version",
    "pipeline.commands.result_view",
    "pipeline.summary",
    "components.evaluator.tfma_run",
    "models.training.run_fn",
    "models.features.preprocessing",
    "models.training.workers",
)
LOCKED = "import sqlite3,sys,time; c = sqlite3.connect(sys.argv[1], isolation_level=None); \
c.execute('BEGIN EXCLUSIVE'); print(flush=True); time.sleep(float(sys.argv[2]))"


def kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def watch(output: Path, pattern: str, kill: Callable[[], None]) -> None:
    """Kills as soon as a new file of the pattern has content."""

    old = {path for path in output.glob(pattern) if path.is_file()}

    def has_begun() -> bool:
        with contextlib.suppress(OSError):
            found = set(output.glob(pattern)) - old
            return any(path.is_file() and path.stat().st_size for path in found)
        return False

    def look() -> None:
        while not has_begun():
            time.sleep(0.0005)
        kill()

    threading.Thread(target=look, daemon=True).start()


@contextlib.contextmanager
def killed(output: Path, step: dict[str, Any]) -> Iterator[None]:
    """In the node's writing, at the latest when it is done and ML Metadata not told."""
    if "pattern" in step:
        watch(output, step["pattern"], kill_this_process)
    yield
    kill_this_process()


@contextlib.contextmanager
def worker_killed(output: Path, step: dict[str, Any]) -> Iterator[None]:
    """Beam's workers are killed in the node's writing."""
    mark_workers()
    watch(output, step["pattern"], kill_workers)
    yield


@contextlib.contextmanager
def disk_full(output: Path, step: dict[str, Any]) -> Iterator[None]:
    """All space of the small disk is taken while the node runs."""
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
    command = [sys.executable, "-c", LOCKED, str(output / "metadata.sqlite"), "3"]
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


def forked(work: Callable[[], int], log: Path) -> int:
    """Return code of the work in a process of its own; negative for a signal."""
    child = os.fork()
    if child == 0:
        descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        code = 70
        try:
            code = work()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def state_of(output: Path) -> dict[str, Any]:
    """What a server and the next run would find now."""
    versions = [path for path in output.glob("serving_model/*") if path.name.isdecimal()]
    return {
        "versions": [path.name for path in versions],
        "whole": [path.name for path in versions if (path / "saved_model.pb").exists()],
        "checkpoints": len(list(output.glob("checkpoints/*/checkpoint"))),
        "summary": (output / "summary.json").exists(),
    }


def run_step(step: dict[str, Any], output: Path, words: list[str], screens: Path) -> dict[str, Any]:
    from pipeline.cli import main

    def work() -> int:
        if step.get("fault") in FAULTS:
            disturb(output, step)
        beam = [f"--beam-args={FLAGS}"] if step.get("fault") == "worker" else []
        return main([*words, *beam])

    screen = screens / f"{len(list(screens.iterdir())):02d}.txt"
    started = time.monotonic()
    if step.get("fault") == "other run":
        with (output / ".lock").open("a+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            code = forked(work, screen)
    else:
        code = forked(work, screen)
    (output / "filler").unlink(missing_ok=True)
    seconds = time.monotonic() - started
    return {**step, "code": code, "seconds": seconds, "screen": screen.read_text()} | state_of(
        output
    )


def main(steps: str, output: str, found: str, *words: str) -> None:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    for module in MODULES:
        importlib.import_module(module)
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
