import signal
import subprocess
import sys

import pytest

from tests import processes

# Its child keeps the output open for as long as it lives.
_ENDLESS = """
import subprocess, sys, time
print("at work", flush=True)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
time.sleep(1000)
"""


def test_a_command_that_does_not_end_is_ended_with_its_children_and_tells_where_it_was() -> None:
    with pytest.raises(TimeoutError, match=r"no end after 3 seconds; it said:\nat work") as late:
        processes.run([sys.executable, "-c", _ENDLESS], longest=3)
    assert 'File "<string>", line 5' in str(late.value)


def test_what_a_command_says_is_kept() -> None:
    program = "import sys; print(1); print(2, file=sys.stderr); sys.exit(3)"
    done = processes.run([sys.executable, "-c", program])
    assert (done.returncode, done.stdout, done.stderr) == (3, "1\n", "2\n")
    with pytest.raises(subprocess.CalledProcessError):
        processes.run([sys.executable, "-c", program], check=True)


def test_a_process_that_is_late_is_ended() -> None:
    with (
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"]) as process,
        processes.killed_when_late(process, 0.1),
    ):
        assert process.wait(60) == -signal.SIGABRT
