"""TF Serving on this machine, where its program is on the PATH."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusRequest, ModelVersionStatus
from tensorflow_serving.apis.model_service_pb2_grpc import ModelServiceStub

from benchmarks.speed.server_program import PROGRAM

MODEL_NAME = "ranker"
_SECONDS_TO_START = 120.0


@dataclass(frozen=True)
class ModelServer:
    """A server that runs.

    Attributes:
        grpc_port: on localhost.
        rest_port: on localhost.
    """

    grpc_port: int
    rest_port: int


@contextlib.contextmanager
def model_server(folder: Path, log: Path, options: Sequence[str] = ()) -> Iterator[ModelServer]:
    """Starts a server, waits until it answers for the newest version, and ends it.

    Args:
        folder: of the versions.
        log: file for what the server says.
        options: further options of the server.

    Yields:
        The server.

    Raises:
        RuntimeError: the server ended or did not become ready; it holds the end of its log.
    """
    server = ModelServer(_free_port(), _free_port())
    command = [
        PROGRAM,
        f"--port={server.grpc_port}",
        f"--rest_api_port={server.rest_port}",
        f"--model_name={MODEL_NAME}",
        f"--model_base_path={folder.absolute()}",
        *options,
    ]
    with log.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            newest = max(int(path.name) for path in folder.iterdir() if path.name.isdecimal())
            wait_for_version(server, newest, process, log)
            yield server
        finally:
            process.terminate()


def wait_for_version(
    server: ModelServer, version: int, process: subprocess.Popen | None, log: Path
) -> None:
    """Waits until a version is the only one that is served.

    Args:
        server: the server.
        version: the version.
        process: of the server, to see whether it has ended; None where it is not known.
        log: what the server says.

    Raises:
        RuntimeError: it did not come about.
    """
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until and (process is None or process.poll() is None):
        if _served(server) == [version]:
            return
        time.sleep(0.2)
    end = log.read_text(errors="replace")[-4000:]
    raise RuntimeError(f"{PROGRAM}: expected version {version} to be served:\n{end}")


def _served(server: ModelServer) -> list[int]:
    request = GetModelStatusRequest()
    request.model_spec.name = MODEL_NAME
    with grpc.insecure_channel(f"localhost:{server.grpc_port}") as channel:
        try:
            states = ModelServiceStub(channel).GetModelStatus(request, timeout=5)
        except grpc.RpcError:
            return []
    available = ModelVersionStatus.AVAILABLE
    return [state.version for state in states.model_version_status if state.state == available]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]
