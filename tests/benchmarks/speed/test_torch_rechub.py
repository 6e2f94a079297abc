import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed.torch_rechub import beside_torch_rechub


def _measure(module: str, **arguments: Any) -> dict[str, Any]:
    return {"parameters": 7, "items_per_second": 30.0}


def _python_that_finds(folder: Path, parameters: int) -> str:
    found = json.dumps({"parameters": parameters, "items_per_second": 20.0})
    python = folder / "python"
    # The last argument is the file for the result.
    python.write_text(f"#!/bin/sh\nfor last; do :; done\nprintf '%s' '{found}' > \"$last\"\n")
    python.chmod(0o755)
    return str(python)


def test_steps_stand_side_by_side(tmp_path: Path) -> None:
    compared = beside_torch_rechub(_python_that_finds(tmp_path, 7), 1, _measure)
    expected = {"parameters": 7, "items_per_second": 30.0, "torch_rechub": 20.0}
    assert compared == {"mmoe": expected, "ple": expected}


def test_networks_of_different_size_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"mmoe: expected networks of one size, found \[7, 8\]"):
        beside_torch_rechub(_python_that_finds(tmp_path, 8), 1, _measure)


def test_an_environment_without_torch_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="No module named 'torch"):
        beside_torch_rechub(sys.executable, 1, _measure)
