import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import ml_metadata as mlmd
import pytest
from ml_metadata.proto import metadata_store_pb2

from data.errors import InputError
from pipeline import cli
from pipeline.commands.metadata_server import database
from pipeline.metadata_address import metadata_connection
from tests.processes import killed_when_late


def test_a_file_is_one_of_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = database("metadata.sqlite").sqlite
    assert found.filename_uri == str(tmp_path / "metadata.sqlite")
    assert found.connection_mode == found.READWRITE_OPENCREATE


def test_mysql_takes_the_password_from_the_environment() -> None:
    found = database("mysql://ada@db.shop:3307/metadata", {"MYSQL_PASSWORD": "p:/@?"}).mysql
    expected = ("ada", "db.shop", 3307, "metadata", "p:/@?")
    assert (found.user, found.host, found.port, found.database, found.password) == expected
    assert database("mysql://ada@db/metadata", {}).mysql.port == 3306


@pytest.mark.parametrize("place", ["mysql://ada:secret@db/metadata", "mysql://db/metadata"])
def test_another_form_of_address_is_not_repeated(place: str) -> None:
    with pytest.raises(InputError, match="the password in the variable MYSQL_PASSWORD") as refused:
        database(place, {})
    assert "secret" not in str(refused.value)


def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--database: expected a SQLite file or mysql://"):
        database("postgresql://ada@db/metadata")
    with pytest.raises(InputError, match="--database: expected an existing folder, found none at"):
        database(str(tmp_path / "absent" / "metadata.sqlite"))


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_what_is_no_port_is_named(port: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["metadata-server", "--database=file.sqlite", f"--port={port}"])
    assert stop.value.code == 1
    assert f"--port: expected 0 to 65535, found '{port}'" in capsys.readouterr().err


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_whichever_thread_takes_the_signal(
    monkeypatch: pytest.MonkeyPatch, told: signal.Signals
) -> None:
    seen = []

    def take() -> None:
        # The command waits by then, or it has the signal already: both must do.
        time.sleep(0.1)
        seen.append("told")
        signal.pthread_kill(threading.get_ident(), told)

    class Server:
        address = "grpc://127.0.0.1:1"

        def __init__(self, *_: object) -> None:
            threading.Thread(target=take).start()

        def stop(self) -> None:
            seen.append("stopped")

    monkeypatch.setattr("pipeline.metadata_server.MetadataServer", Server)
    before = signal.getsignal(told)
    code = cli.main(["metadata-server", "--database=file.sqlite", "--port=0"])
    assert (code, seen) == (0, ["told", "stopped"])
    assert signal.getsignal(told) is before


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_on_loopback_until_it_is_told_to_end(tmp_path: Path, told: int) -> None:
    file = tmp_path / "metadata.sqlite"
    words = ("metadata-server", "--database", file, "--port", "0")
    command = [sys.executable, "-m", "pipeline.cli", *words]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
        killed_when_late(server),
    ):
        assert server.stdout is not None
        address = re.search(r"grpc://127\.0\.0\.1:\d+", server.stdout.readline())
        assert address
        store = mlmd.MetadataStore(metadata_connection(address[0], {}))
        store.put_artifact_type(metadata_store_pb2.ArtifactType(name="Model"))
        server.send_signal(told)
        assert server.wait() == 0
        assert server.stdout.read() == ""
    assert [one.name for one in mlmd.MetadataStore(database(str(file))).get_artifact_types()] == [
        "Model"
    ]
