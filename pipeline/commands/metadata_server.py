"""Serves ML Metadata by gRPC, so that nodes on several machines share caching and lineage.

Nodes find it by `--metadata grpc://HOST:PORT`. It asks nobody who they are: listen only where none
but the nodes can reach it. It runs until SIGTERM or an interrupt, and then ends the calls that it
has begun. A SQLite file takes one server; of MySQL the password is in the variable MYSQL_PASSWORD.
"""

import argparse
import contextlib
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import InputError
from pipeline.commands.options import path

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2

_MYSQL = "mysql://"
_NAMED = re.compile(r"(?P<user>[^:/@]+)@(?P<host>[^:/@]+)(:(?P<port>\d+))?/(?P<database>[^/]+)")
_MYSQL_PORT = 3306
_LARGEST_PORT = 65535
_ENDING = (signal.SIGTERM, signal.SIGINT)


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd metadata-server`."""
    command.add_argument(
        "--database",
        required=True,
        type=path,
        metavar="FILE|URL",
        help="a SQLite file, which is made where there is none, or mysql://USER@HOST:PORT/DATABASE",
    )
    command.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen at; 0.0.0.0 is all of this machine (default: %(default)s, which "
        "only this machine reaches)",
    )
    command.add_argument(
        "--port",
        type=_port,
        default=8080,
        help="to listen at; 0 takes a free one (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Serves until the process is told to end.

    Args:
        options: the command line of `seqmd metadata-server`.

    Returns:
        0.

    Raises:
        InputError: the database cannot be opened, or nothing can listen at the address.
    """
    from pipeline.metadata_server import MetadataServer

    with _told_to_end() as wait:
        server = MetadataServer(database(options.database), options.host, options.port)
        print(f"ML Metadata of {options.database} at {server.address}", flush=True)
        wait()
        server.stop()
    return 0


def database(
    place: str, environment: Mapping[str, str] = os.environ
) -> "metadata_store_pb2.ConnectionConfig":
    """How ML Metadata's store opens a database.

    Args:
        place: a file of SQLite, or `mysql://USER@HOST:PORT/DATABASE`; the port is 3306 by default.
        environment: the variables of the process; MYSQL_PASSWORD is the user's password.

    Returns:
        The configuration; tables that lack are made.

    Raises:
        InputError: the place is neither, or the file's folder is not there.
    """
    from ml_metadata.proto import metadata_store_pb2

    config = metadata_store_pb2.ConnectionConfig()
    if place.startswith(_MYSQL):
        named = _NAMED.fullmatch(place.removeprefix(_MYSQL))
        if named is None:
            raise InputError(
                f"--database: expected {_MYSQL}USER@HOST:PORT/DATABASE, and the password in the "
                f"variable MYSQL_PASSWORD; found another form of address"
            )
        config.mysql.user, config.mysql.host = named["user"], named["host"]
        config.mysql.port = int(named["port"] or _MYSQL_PORT)
        config.mysql.database = named["database"]
        config.mysql.password = environment.get("MYSQL_PASSWORD", "")
        return config
    if "://" in place:
        raise InputError(
            f"--database: expected a SQLite file or {_MYSQL}USER@HOST:PORT/DATABASE, found {place}"
        )
    file = Path(place).absolute()
    if not file.parent.is_dir():
        raise InputError(f"--database: expected an existing folder, found none at {file.parent}")
    config.sqlite.filename_uri = str(file)
    config.sqlite.connection_mode = config.sqlite.READWRITE_OPENCREATE
    return config


@contextlib.contextmanager
def _told_to_end() -> Iterator[Callable[[], object]]:
    """Yields what waits for SIGTERM or an interrupt, since the start of the context."""
    heard, told = socket.socketpair()
    told.setblocking(False)
    # Whichever thread takes the signal, a byte is written. A lock that a handler releases may be
    # waited for without end: handlers run in the main thread, which is not woken for them.
    before = signal.set_wakeup_fd(told.fileno())
    handlers = {number: signal.signal(number, lambda *_: None) for number in _ENDING}
    try:
        yield lambda: heard.recv(1)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        heard.close()
        told.close()


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"expected 0 to {_LARGEST_PORT}, found {text!r}")
    return int(text)
