import contextlib
import io
import logging
import sys
from pathlib import Path
from typing import NewType

import pytest
from apache_beam.typehints.native_type_compatibility import convert_to_beam_type

from data.errors import InputError
from pipeline.failures import CommandFailedError
from pipeline.output_capture import StandardOutput, log_for_errors, new_log, quiet_libraries
from tests import processes

PROGRAM = """
import logging, os, subprocess, sys, warnings
from pathlib import Path
from pipeline.output_capture import output_to
print("before")
with output_to(Path(sys.argv[1])) as screen:
    print("printed by a library")
    os.write(2, b"written by C++\\n")
    logging.getLogger("library").warning("logged")
    warnings.warn("warned")
    subprocess.run(["echo", "from a child"], check=True)
    print("for the person", file=screen)
print("after")
"""


def test_only_our_words_reach_the_screen(tmp_path: Path) -> None:
    log = tmp_path / "folder" / "run.log"
    done = processes.run([sys.executable, "-c", PROGRAM, str(log)], check=True)
    assert done.stdout.split("\n")[:-1] == ["before", "for the person", "after"]
    assert done.stderr == ""
    written = log.read_text()
    for words in ("printed by a library", "written by C++", "logged", "warned", "from a child"):
        assert words in written
    assert logging.getLogger().level != logging.DEBUG


def test_beam_does_not_tell_each_type_that_it_does_not_know(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    quiet_libraries()
    convert_to_beam_type(NewType("Unknown", int))
    assert not caplog.records


def test_a_new_log_takes_no_name_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "scores.csv.log").write_text("mine")
    logs = [new_log(tmp_path / "scores.csv", "--output") for _ in range(2)]
    assert [log.name for log in logs] == ["scores.csv.2.log", "scores.csv.3.log"]
    assert (tmp_path / "scores.csv.log").read_text() == "mine"


@pytest.mark.parametrize(
    ("error", "expected", "kept"),
    [
        (None, None, False),
        (InputError("wrong"), InputError, False),
        (KeyboardInterrupt(), KeyboardInterrupt, False),
        (ValueError("odd"), CommandFailedError, True),
    ],
)
def test_a_log_is_kept_for_an_error_with_a_story(
    tmp_path: Path,
    error: BaseException | None,
    expected: type[BaseException] | None,
    kept: bool,
) -> None:
    log = new_log(tmp_path / "scores.csv", "--output")
    raised = pytest.raises(expected) if expected else contextlib.nullcontext()
    with raised, log_for_errors(log):
        if error:
            raise error
    assert log.exists() == kept


@pytest.mark.parametrize("closed", [False, True])
def test_closing_standard_output_leaves_the_stream_as_it_is(closed: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO())
    if closed:
        stream.close()
    # As Python does with a stream that nobody holds any more.
    StandardOutput(stream).close()
    assert stream.closed == closed
