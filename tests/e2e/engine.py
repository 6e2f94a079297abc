"""An engine of Beam on this machine, whose workers have the package and not the source tree."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

from tests import processes

ROOT = Path(__file__).parents[2]
PACKAGES = ("data", "models", "components", "pipeline", "benchmarks", "seqmd")
# Beam's pool of workers, which are threads of it: a process each would load the libraries anew.
POOL = """
import sys
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer as Pool
server = Pool.start(use_process=False, port=int(sys.argv[1]))[1]
server.wait_for_termination()
"""
JOB_SERVICE = "apache_beam.runners.portability.local_job_service_main"


def installed(folder: Path) -> Path:
    """Builds the wheel and installs it beside the libraries of this environment.

    Args:
        folder: where to.

    Returns:
        Folder of an interpreter called `python` that finds the package in the wheel.
    """
    source = folder / "source"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pyc*"))
    for name in ("setup.py", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--quiet"]
    wheels = folder / "wheels"
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(source)]
    processes.run([*pip, *build], check=True)
    venv.create(folder / "workers", with_pip=False)
    packages = next((folder / "workers").glob("lib/*/site-packages"))
    # The folder itself, not its .pth files: the source tree is installed by one of them.
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "libraries.pth").write_text(f"{libraries}\n")
    wheel = next(wheels.glob("*.whl"))
    processes.run([*pip, "install", "--no-deps", "--target", str(packages), wheel], check=True)
    shutil.rmtree(source)
    return folder / "workers" / "bin"


class Engine:
    """Processes that are always ended.

    Attributes:
        pool: address of the pool of workers.
        job_service: address of Beam's portable job service.

    Args:
        interpreter: from `installed`.
        folder: working folder of the processes, and place of their logs.
    """

    def __init__(self, interpreter: Path, folder: Path) -> None:
        self._interpreter = interpreter
        self._folder = folder
        self._processes: list[subprocess.Popen] = []
        pool, job_service = _free_port(), _free_port()
        self.pool, self.job_service = f"localhost:{pool}", f"localhost:{job_service}"
        self._start("pool", "-c", POOL, str(pool))
        self._start("job_service", "-m", JOB_SERVICE, f"--port={job_service}")

    def wait_until_it_listens(self) -> None:
        """Waits until both addresses answer."""
        for address, process in zip((self.pool, self.job_service), self._processes, strict=True):
            _wait_for(int(address.rpartition(":")[2]), process)

    def source_of(self, module: str) -> str:
        """File of a module as the workers see it."""
        command = ["python", "-c", f"import {module}; print({module}.__file__)"]
        done = processes.run(command, cwd=self._folder, env=self._environment(), check=True)
        return done.stdout.strip()

    def logs(self) -> str:
        """The last words of the processes."""
        return "\n".join(path.read_text()[-3000:] for path in self._folder.glob("*.log"))

    def stop(self) -> None:
        """Ends the processes."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, name: str, *words: str) -> None:
        with (self._folder / f"{name}.log").open("w") as log:
            self._processes.append(
                subprocess.Popen(
                    ["python", *words],
                    cwd=self._folder,
                    env=self._environment(),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "PATH": f"{self._interpreter}{os.pathsep}{os.environ['PATH']}"}
        environment.pop("PYTHONPATH", None)
        return environment


@contextlib.contextmanager
def running(interpreter: Path, folder: Path) -> Iterator[Engine]:
    """An engine that is stopped in the end."""
    folder.mkdir()
    engine = Engine(interpreter, folder)
    try:
        engine.wait_until_it_listens()
        yield engine
    finally:
        engine.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return one.getsockname()[1]


def _wait_for(port: int, process: subprocess.Popen) -> None:
    late = time.monotonic() + processes.LONGEST
    while process.poll() is None and time.monotonic() < late:
        with contextlib.suppress(OSError), socket.create_connection(("localhost", port)):
            return
        time.sleep(0.2)
    found = "one that ended" if process.poll() is not None else "none in ten minutes"
    raise RuntimeError(f"expected a process that listens on port {port}, found {found}")
