"""Trainings in processes of their own."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from operator import methodcaller
from pathlib import Path

import pytest

from benchmarks.laboratory.logs import Preset
from benchmarks.laboratory.options import laboratory_maker
from benchmarks.laboratory.processes import in_laboratories
from benchmarks.laboratory.setups import Setup

TINY = Preset(lists=300, evaluation_lists=20, seeds=1, epochs=1)
TREES = Setup("lightgbm", {"rounds": 3}, learns="trees")


def test_advice_of_libraries_does_not_bury_what_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    options = argparse.Namespace(dataset="simulated", input=(), parameters=1, output=tmp_path)
    make = laboratory_maker(options, TINY)
    work = [methodcaller("scores", TREES.learner({}), seed) for seed in (1, 2)]
    first, second = in_laboratories(make, work, 1)
    for scores in (first, second):
        assert set(scores.evaluation) == {"click", "add_to_cart", "purchase", "graded"}
    assert "WARNING" not in capfd.readouterr().err


_STOPPED = """
import os, signal, sys, time
from functools import partial
from benchmarks.command import run_command
from benchmarks.laboratory.processes import in_laboratories

class Laboratory:
    def close(self):
        open(sys.argv[1] + ".closed", "w").close()

def make():
    return Laboratory()

def work(laboratory, file):
    open(file, "w").write(str(os.getpid()))
    time.sleep(600)

if __name__ == "__main__":
    # A shell's job in the background, as these tests may be, ignores interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_command(lambda: list(in_laboratories(make, [partial(work, file=sys.argv[1])] * 3, 2)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_trains_on_where_the_command_was_stopped(number: int, tmp_path: Path) -> None:
    program, file = tmp_path / "stopped.py", tmp_path / "pid"
    program.write_text(_STOPPED)
    command = subprocess.Popen([sys.executable, str(program), str(file)])
    try:
        _wait(lambda: file.exists() and file.read_text())
        command.send_signal(number)
        assert command.wait(120) == (130 if number == signal.SIGINT else -number)
    finally:
        command.kill()
    worker = int(file.read_text())
    try:
        _wait(lambda: not Path(f"/proc/{worker}").exists())
    except TimeoutError:
        os.kill(worker, signal.SIGKILL)
        raise
    assert Path(f"{file}.closed").exists()


def _wait(until: Callable[[], object]) -> None:
    end = time.monotonic() + 300
    while not until():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)
