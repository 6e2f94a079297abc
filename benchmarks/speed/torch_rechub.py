"""Training steps beside those of torch-rechub, which lives in an environment of its own."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.speed.process import ROOT, Measure

_SCRIPTS = ROOT / "benchmarks" / "speed"
# Of a network of about 60,000 parameters in `benchmarks.models`, and of its batches.
_SHAPE = {"items": 3_100, "width": 144, "tasks": 3, "units": 76, "tower_units": 19}
_THREADS = 2
# Both take turns, and the best of each counts: other work on the machine only ever slows.
_TURNS = 3


def beside_torch_rechub(python: str, steps: int, measure: Measure) -> dict[str, Any]:
    """Measures PLE and MMoE here and there: same widths, experts, inputs, loss and optimizer.

    Args:
        python: Python of the environment that has torch-rechub.
        steps: steps that each turn times.
        measure: runs one piece of work.

    Returns:
        By model `parameters`, `items_per_second` and `torch_rechub`, that of torch-rechub.

    Raises:
        RuntimeError: the other environment failed, or its network has another size.
    """
    compared = {}
    for model in ("mmoe", "ple"):
        arguments = {"model": model, "steps": steps, "threads": _THREADS, **_SHAPE}
        ours, theirs = [], []
        for _ in range(_TURNS):
            ours.append(measure("dense_step", **arguments))
            theirs.append(_there(python, "torch_rechub_step.py", arguments))
        sizes = {found["parameters"] for found in (*ours, *theirs)}
        if len(sizes) > 1:
            raise RuntimeError(f"{model}: expected networks of one size, found {sorted(sizes)}")
        compared[model] = {
            "parameters": sizes.pop(),
            "items_per_second": max(found["items_per_second"] for found in ours),
            "torch_rechub": max(found["items_per_second"] for found in theirs),
        }
    return compared


def history_in_torch_rechub(python: str, shape: dict[str, Any]) -> dict[str, Any]:
    """Measures steps of DIN with and without histories.

    Args:
        python: Python of the environment that has torch-rechub.
        shape: arguments of `torch_rechub_history`.

    Returns:
        What it returns.

    Raises:
        RuntimeError: the other environment failed.
    """
    return _there(python, "torch_rechub_history.py", shape)


def _there(python: str, script: str, arguments: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [python, "-I", str(_SCRIPTS / script), json.dumps(arguments), str(result)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"torch-rechub: {python} failed:\n{done.stderr[-4000:]}")
        return json.loads(result.read_text())
