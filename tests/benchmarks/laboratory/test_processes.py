"""Trainings in processes of their own."""

import argparse
import os
import select
import signal
import subprocess
import sys
from operator import methodcaller
from pathlib import Path

import pytest

from benchmarks.laboratory.logs import Preset
from benchmarks.laboratory.options import laboratory_maker
from benchmarks.laboratory.processes import in_laboratories
from benchmarks.laboratory.setups import Setup
from tests.processes import LONGEST, killed_when_late

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
import signal, sys, time
from functools import partial
from benchmarks.command import run_command
from benchmarks.laboratory.processes import in_laboratories

class Laboratory:
    def close(self):
        open(sys.argv[1] + ".closed", "w").close()

def make():
    return Laboratory()

def work(laboratory, file):
    # Its other side is read to the end once all who hold it have ended.
    held = open(file, "w")
    print("at work", file=held, flush=True)
    time.sleep(10**6)

if __name__ == "__main__":
    # A shell's job in the background, as these tests may be, ignores interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_command(lambda: list(in_laboratories(make, [partial(work, file=sys.argv[1])] * 3, 2)))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_trains_on_where_the_command_was_stopped(number: int, tmp_path: Path) -> None:
    program, pipe = tmp_path / "stopped.py", tmp_path / "pipe"
    program.write_text(_STOPPED)
    os.mkfifo(pipe)
    # It is opened at once, before anyone writes.
    workers = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    command = subprocess.Popen([sys.executable, str(program), str(pipe)])
    with killed_when_late(command):
        assert written(workers).startswith(b"at work\n")
        command.send_signal(number)
        assert command.wait() == (130 if number == signal.SIGINT else -number)
    while written(workers):
        pass
    os.close(workers)
    assert Path(f"{pipe}.closed").exists()


def written(pipe: int) -> bytes:
    """What is written next; nothing once all who write have ended."""
    ready, _, _ = select.select([pipe], [], [], LONGEST)
    assert ready, f"for {LONGEST} seconds the workers neither wrote nor ended"
    return os.read(pipe, 1000)
