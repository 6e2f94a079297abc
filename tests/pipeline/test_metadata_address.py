import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import InputError
from pipeline.metadata_address import metadata_connection, reach_metadata
from tests.metadata_server import metadata_server


def test_the_cluster_names_its_service() -> None:
    environment = {"METADATA_GRPC_SERVICE_HOST": "10.0.0.7", "METADATA_GRPC_SERVICE_PORT": "8081"}
    found = metadata_connection("cluster", environment)
    assert (found.host, found.port) == ("10.0.0.7", 8081)
    found = metadata_connection("cluster", {"METADATA_GRPC_SERVICE_HOST": "metadata"})
    assert (found.host, found.port) == ("metadata", 8080)


def test_another_service_and_a_file(tmp_path: Path) -> None:
    found = metadata_connection("grpc://metadata.kubeflow:8080", {})
    assert (found.host, found.port) == ("metadata.kubeflow", 8080)
    found = metadata_connection(str(tmp_path / "metadata.sqlite"), {})
    assert found.sqlite.filename_uri == str(tmp_path / "metadata.sqlite")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("cluster", "METADATA_GRPC_SERVICE_HOST"),
        ("http://host:80", "expected cluster, grpc://HOST:PORT"),
        ("grpc://host", "expected cluster, grpc://HOST:PORT"),
    ],
)
def test_what_is_no_address_is_named(address: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        metadata_connection(address, {})


@pytest.fixture
def taken_port() -> Iterator[socket.socket]:
    """A port on loopback that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken


def test_a_service_that_answers_and_a_file_are_taken(tmp_path: Path) -> None:
    with metadata_server(tmp_path / "metadata.sqlite") as address:
        reach_metadata(metadata_connection(address, {}))
    reach_metadata(metadata_connection(str(tmp_path / "absent.sqlite"), {}))
    assert not (tmp_path / "absent.sqlite").exists()


@pytest.mark.parametrize("listens", [False, True])
def test_a_service_that_is_not_there_or_never_answers_is_named(
    taken_port: socket.socket, listens: bool
) -> None:
    if listens:
        taken_port.listen()
    port = taken_port.getsockname()[1]
    connection = metadata_connection(f"grpc://127.0.0.1:{port}", {})
    words = f"ML Metadata's gRPC service at 127.0.0.1:{port} to answer within 1 seconds, found: "
    with pytest.raises(InputError, match=words):
        reach_metadata(connection, longest_wait=1)
