"""One run at a time in an output folder; other runs are processes of their own."""

import os
import sqlite3
import sys
from pathlib import Path

import pytest

from data.errors import InputError
from pipeline import output_lock as module
from pipeline.output_lock import locked_output
from tests import processes

_SECOND_RUN = """
import sys
from pathlib import Path
from data.errors import InputError
from pipeline.output_lock import locked_output
folder = Path(sys.argv[1])
try:
    with locked_output(folder, folder / "metadata.sqlite"):
        print("alone")
except InputError as error:
    print(error)
"""


def second_run(folder: Path) -> str:
    command = [sys.executable, "-c", _SECOND_RUN, str(folder)]
    root = Path(__file__).parents[2]
    done = processes.run(command, check=True, cwd=root)
    return done.stdout.strip()


def test_a_second_run_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with locked_output(tmp_path, tmp_path / "metadata.sqlite"):
        refused = second_run(tmp_path)
    assert refused == (
        f"--output: expected a folder that no run is at work in, found {tmp_path} in use by the "
        f"process {os.getpid()}: wait for its end, or give another folder"
    )
    assert second_run(tmp_path) == "alone"


def test_another_program_may_not_hold_the_metadata(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = tmp_path / "metadata.sqlite"
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    holder = sqlite3.connect(metadata, isolation_level=None)
    holder.execute("CREATE TABLE held (value)")
    holder.execute("BEGIN IMMEDIATE")
    with (
        pytest.raises(InputError, match=r"found it locked by another program for 0\.1 seconds"),
        locked_output(tmp_path, metadata),
    ):
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with locked_output(tmp_path, metadata):
        pass
