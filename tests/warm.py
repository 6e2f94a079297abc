"""A process that has imported the libraries once, and forks for each command that it is given.

A start of the libraries takes ten seconds of a processor, a fork of them none.
`python -m tests.warm ADDRESS` listens at a Unix socket for as long as its standard input is open.
"""

import ctypes
import dataclasses
import functools
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

from tests.answers_here import PopenHere
from tests.processes import LONGEST

ROOT = Path(__file__).parents[1]
# Of Linux's prctl: the signal that a process gets when the one that forked it ends.
_PARENT_DEATH_SIGNAL = 1
PACKAGES = ("data", "models", "components", "pipeline")


@dataclasses.dataclass(frozen=True)
class Command:
    """A function that a fork calls, such as `pipeline.cli:main`, with words.

    Attributes:
        function: takes a list of words and returns an exit code.
        words: of a command line.
        folder: the working directory.
        environment: all variables.
        output: file that takes standard output; it is appended to.
        errors: file that takes standard error.
    """

    function: str
    words: list[str]
    folder: str
    environment: dict[str, str]
    output: str
    errors: str


class Started:
    """A command at work.

    Attributes:
        process: its id.
    """

    def __init__(self, command: Command, answers: socket.socket) -> None:
        self._command = command
        answers.settimeout(LONGEST)
        self._answers = answers.makefile()
        answers.close()
        self.process = int(self._answers.readline())

    def wait(self) -> subprocess.CompletedProcess:
        """Waits for its end; the code is negative for a signal, as `subprocess` has it.

        Raises:
            TimeoutError: it did not end, and was killed.
        """
        try:
            with self._answers:
                code = int(self._answers.readline())
        except TimeoutError:
            os.kill(self.process, signal.SIGKILL)
            said = Path(self._command.errors).read_text()[-3000:]
            words = " ".join([self._command.function, *self._command.words])
            late = f"{words}: no end after {LONGEST} seconds; it said:\n{said}"
            raise TimeoutError(late) from None
        texts = [Path(name).read_text() for name in (self._command.output, self._command.errors)]
        return subprocess.CompletedProcess(self._command.words, code, *texts)


def start(
    function: str,
    *words: str | Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Started:
    """Has a warm process call a function in a process of its own.

    Args:
        function: such as `pipeline.cli:main`; it takes a list of words.
        words: those.
        folder: the working directory; that of the tests by default.
        environment: variables beside those of the tests.

    Returns:
        The process.
    """
    texts = Path(tempfile.mkdtemp(dir=_address().parent))
    command = Command(
        function,
        [str(word) for word in words],
        str(folder or Path.cwd()),
        {**os.environ, **(environment or {})},
        str(texts / "output"),
        str(texts / "errors"),
    )
    answers = socket.socket(socket.AF_UNIX)
    answers.connect(str(_address()))
    answers.sendall(json.dumps(dataclasses.asdict(command)).encode() + b"\n")
    return Started(command, answers)


def run(function: str, *words: str | Path, **more: Any) -> subprocess.CompletedProcess:
    """Calls a function in a process of its own, and waits; see `start`."""
    return start(function, *words, **more).wait()


@functools.cache
def _address() -> Path:
    """Starts the process of these tests, which ends when they do."""
    address = Path(tempfile.mkdtemp(prefix="seqmd-warm-")) / "socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warm", str(address)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    if process.stdout.readline() != b"listening\n":
        raise RuntimeError("expected a warm process, found one that ended")
    _kept.append(process)
    return address


_kept: list[subprocess.Popen] = []


def import_all() -> None:
    """Imports all own modules, and the libraries with them."""
    os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="2")
    gc.disable()
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    # Forks share what is never gone through.
    gc.freeze()
    gc.enable()


def serve(address: str) -> None:
    """Forks for each command, and tells its process's id and then its exit code."""
    import_all()
    with socket.socket(socket.AF_UNIX) as server, selectors.DefaultSelector() as selector:
        server.bind(address)
        server.listen()
        selector.register(server, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print("listening", flush=True)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is server:
                    connection, _ = server.accept()
                    child = _forked(connection)
                    # Readable when the process ends.
                    descriptor = os.pidfd_open(child)
                    selector.register(descriptor, selectors.EVENT_READ, (child, connection))
                else:
                    selector.unregister(key.fileobj)
                    os.close(key.fd)
                    child, connection = key.data
                    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                    connection.sendall(f"{code}\n".encode())
                    connection.close()


def _forked(connection: socket.socket) -> int:
    with connection.makefile() as lines:
        command = Command(**json.loads(lines.readline()))
    child = os.fork()
    if child == 0:
        _work(command)
    connection.sendall(f"{child}\n".encode())
    return child


def _work(command: Command) -> NoReturn:
    # pytest ends at once where a test takes too long, and the warm process with it.
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
    for descriptor, name in ((1, command.output), (2, command.errors)):
        os.dup2(os.open(name, flags, 0o644), descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(command.folder)
    os.environ.clear()
    os.environ.update(command.environment)
    # A shell's job in the background, as these tests may be, ignores interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Whole runs in processes of their own are those of test_nothing_is_sent.py and the notebooks.
    mock.patch.object(subprocess, "Popen", PopenHere).start()
    module, _, name = command.function.partition(":")
    sys.argv = [name, *command.words]
    code = 1
    try:
        code = getattr(importlib.import_module(module), name)(command.words)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
