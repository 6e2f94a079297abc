import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ml_metadata as mlmd
import pytest
from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2

from data.errors import InputError
from pipeline import metadata_server as metadata_server_module
from pipeline.commands.metadata_server import database
from pipeline.metadata_address import metadata_connection
from pipeline.metadata_server import MetadataServer
from tests.metadata_server import metadata_server

CLIENTS, PUTS = 2, 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "metadata.sqlite"


@pytest.fixture
def address(file: Path) -> Iterator[str]:
    with metadata_server(file) as address:
        yield address


def client(address: str) -> mlmd.MetadataStore:
    return mlmd.MetadataStore(metadata_connection(address, {}))


def put_type(store: mlmd.MetadataStore) -> int:
    artifact_type = metadata_store_pb2.ArtifactType(name="Model")
    artifact_type.properties["epochs"] = metadata_store_pb2.INT
    return store.put_artifact_type(artifact_type)


def put_artifacts(store: mlmd.MetadataStore, name: str) -> int:
    """Puts a type, `PUTS` artifacts one by one, and an execution that they belong to."""
    type_id = put_type(store)
    run_type = store.put_context_type(metadata_store_pb2.ContextType(name="run"))
    node_type = store.put_execution_type(metadata_store_pb2.ExecutionType(name="node"))
    run = metadata_store_pb2.Context(type_id=run_type, name="one")
    for number in range(PUTS):
        artifact = metadata_store_pb2.Artifact(type_id=type_id, uri=f"/{name}/{number}")
        artifact.properties["epochs"].int_value = number
        execution = metadata_store_pb2.Execution(type_id=node_type)
        event = metadata_store_pb2.Event(type=metadata_store_pb2.Event.OUTPUT)
        store.put_execution(
            execution, [(artifact, event)], [run], reuse_context_if_already_exist=True
        )
    return type_id


def test_two_clients_at_once_lose_nothing(address: str, file: Path) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        names = [f"client-{number}" for number in range(CLIENTS)]
        types = pool.map(put_artifacts, [client(address) for _ in names], names)
    assert len(set(types)) == 1
    expected = {f"/{name}/{number}": number for name in names for number in range(PUTS)}
    for store in (client(address), mlmd.MetadataStore(database(str(file)))):
        found = {one.uri: one.properties["epochs"].int_value for one in store.get_artifacts()}
        assert found == expected
        (run,) = store.get_contexts()
        assert len(store.get_executions_by_context(run.id)) == CLIENTS * PUTS


def test_what_a_server_has_taken_the_next_one_has(file: Path) -> None:
    with metadata_server(file) as address:
        put_type(client(address))
    with metadata_server(file) as address:
        assert [one.name for one in client(address).get_artifact_types()] == ["Model"]


def test_a_store_that_was_silent_for_long_is_opened_again(
    address: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata_server_module, "_LONGEST_SILENCE_SECONDS", -1)
    store = client(address)
    put_type(store)
    assert [one.name for one in store.get_artifact_types()] == ["Model"]
    file.rename(file.with_suffix(".away"))
    file.mkdir()
    with pytest.raises(errors.UnavailableError, match="unable to open database file"):
        store.get_artifact_types()


def test_the_store_s_errors_reach_the_client_as_they_are(address: str) -> None:
    store = client(address)
    with pytest.raises(errors.NotFoundError, match="No type found"):
        store.get_artifact_type("Model")
    put_type(store)
    other = metadata_store_pb2.ArtifactType(name="Model")
    other.properties["epochs"] = metadata_store_pb2.STRING
    with pytest.raises(errors.AlreadyExistsError, match="Model"):
        store.put_artifact_type(other)


def test_a_call_may_be_longer_than_grpc_s_4_mb(address: str) -> None:
    store = client(address)
    artifact = metadata_store_pb2.Artifact(type_id=put_type(store), uri="u" * 5_000_000)
    assert len(store.put_artifacts([artifact])) == 1


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database" * 100)
    for place in (text, tmp_path):
        with pytest.raises(InputError, match="--database: expected one to open or make, found: "):
            MetadataServer(database(str(place)), "127.0.0.1", 0)


def test_a_port_that_is_taken_is_named(address: str, tmp_path: Path) -> None:
    port = int(address.rsplit(":", 1)[1])
    second = database(str(tmp_path / "second.sqlite"))
    with pytest.raises(InputError, match=rf"a free port, found 127\.0\.0\.1:{port}"):
        MetadataServer(second, "127.0.0.1", port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match=r"a free port, found 127\.0\.0\.1:"):
            MetadataServer(second, "127.0.0.1", taken.getsockname()[1])
