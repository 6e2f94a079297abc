"""The notebooks run from the first cell to the last, each in a process and a folder of its own."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests import processes

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_there_are_two() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["layers", "own_logs"]


@pytest.mark.thorough
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook: Path, tmp_path: Path) -> None:
    program = tmp_path / "cells.py"
    program.write_text(code_of(notebook))
    done = processes.run(
        [sys.executable, str(program)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    if notebook.stem == "own_logs":
        assert (tmp_path / "output" / "my_shop" / "report.html").exists()
