"""A piece of work in a process of its own, so that its memory and its threads are its own."""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.files import local_path

ROOT = Path(__file__).parents[2]

# Runs a module of `benchmarks.speed` with arguments; returns what its `measure` does.
Measure = Callable[..., dict[str, Any]]


def in_own_process(module: str, **arguments: Any) -> dict[str, Any]:
    """Calls `benchmarks.speed.MODULE.measure(**arguments)` in a fresh Python.

    This process should have imported little: until Linux 6 a child's peak starts at its parent's.

    Args:
        module: name of the module.
        arguments: written as JSON.

    Returns:
        What the function returns, through JSON.

    Raises:
        RuntimeError: the process failed; it holds the end of what was printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, log = Path(folder) / "result.json", Path(folder) / "log"
        command = [sys.executable, "-m", "benchmarks.speed.process", module]
        command += [json.dumps(arguments), str(output)]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
        with log.open("w") as file:
            done = subprocess.run(
                command, stdout=file, stderr=file, cwd=ROOT, env=environment, check=False
            )
        if done.returncode:
            end = log.read_text(errors="replace")[-4000:]
            raise RuntimeError(f"{module} {arguments} ended with {done.returncode}:\n{end}")
        return json.loads(output.read_text())


def in_this_process(module: str, **arguments: Any) -> dict[str, Any]:
    """As `in_own_process`, for where peaks of memory do not matter."""
    return importlib.import_module(f"benchmarks.speed.{module}").measure(**arguments)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("module")
    parser.add_argument("arguments", type=json.loads)
    parser.add_argument("output", type=local_path)
    options = parser.parse_args()
    result = in_this_process(options.module, **options.arguments)
    options.output.write_text(json.dumps(result))


if __name__ == "__main__":
    _main()
