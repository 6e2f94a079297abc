"""ML Metadata's gRPC service on loopback."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.commands.metadata_server import database
from pipeline.metadata_server import MetadataServer


@contextlib.contextmanager
def metadata_server(file: Path) -> Iterator[str]:
    """Yields `grpc://HOST:PORT`."""
    server = MetadataServer(database(str(file)), "127.0.0.1", 0)
    try:
        yield server.address
    finally:
        server.stop()
