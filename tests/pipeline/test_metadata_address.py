from pathlib import Path

import pytest

from data.errors import InputError
from pipeline.metadata_address import metadata_connection


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
