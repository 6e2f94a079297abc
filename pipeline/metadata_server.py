"""ML Metadata's gRPC service, on the store that the package ml-metadata holds."""

import threading
import time
from concurrent import futures
from typing import Any

import grpc
from ml_metadata.metadata_store.pywrap.metadata_store_extension import metadata_store
from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2

from data.errors import InputError

_SERVICE = metadata_store_service_pb2.DESCRIPTOR.services_by_name["MetadataStoreService"]
# The store takes one call at a time; further threads wait for their turn in it.
_THREADS = 8
_LONGEST_GOODBYE_SECONDS = 20
# MySQL ends connections that nobody has used for long; the store would fail once then.
_LONGEST_SILENCE_SECONDS = 300.0
_OPTIONS = (
    # A second server at the same port would take part of the calls.
    ("grpc.so_reuseport", 0),
    # A call has no limit of 4 MB: a client may put any number of artifacts at once.
    ("grpc.max_receive_message_length", -1),
)


class MetadataServer:
    """Answers the calls of ML Metadata's clients until it is stopped.

    Args:
        database: where the records are; tables that lack are made.
        host: address to listen at.
        port: to listen at; 0 takes a free one.

    Attributes:
        address: what clients are given, `grpc://HOST:PORT`.

    Raises:
        InputError: the database cannot be opened, or nothing can listen there.
    """

    def __init__(self, database: metadata_store_pb2.ConnectionConfig, host: str, port: int) -> None:
        store = _Store(database)
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=_THREADS), options=_OPTIONS
        )
        # Calls that the store has no function for are refused as unimplemented.
        handlers = {
            method.name: _handler(store, method.name)
            for method in _SERVICE.methods
            if hasattr(metadata_store, method.name)
        }
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(_SERVICE.full_name, handlers),)
        )
        self.address = f"grpc://{host}:{self._listen(host, port)}"
        self._server.start()

    def stop(self) -> None:
        """Refuses new calls, lets those that run end, and waits for them."""
        self._server.stop(_LONGEST_GOODBYE_SECONDS).wait()

    def _listen(self, host: str, port: int) -> int:
        try:
            taken = self._server.add_insecure_port(f"{host}:{port}")
        # Older versions return 0 instead.
        except RuntimeError:
            taken = 0
        if not taken:
            raise InputError(
                f"--host, --port: expected an address of this machine and a free port, found "
                f"{host}:{port}"
            )
        return taken


class _Store:
    """The store, for one thread at a time, which is all that it allows."""

    def __init__(self, database: metadata_store_pb2.ConnectionConfig) -> None:
        self._lock = threading.Lock()
        self._database = database
        self._called = time.monotonic()
        try:
            self._store = self._open()
        except RuntimeError as error:
            raise InputError(f"--database: expected one to open or make, found: {error}") from error

    def call(self, method: str, request: bytes) -> tuple[bytes, str, int]:
        """Answers a call: the serialised response, and of an error its message and code."""
        with self._lock:
            if time.monotonic() - self._called > _LONGEST_SILENCE_SECONDS:
                try:
                    self._store = self._open()
                except RuntimeError as error:
                    return b"", str(error), grpc.StatusCode.UNAVAILABLE.value[0]
            self._called = time.monotonic()
            return getattr(metadata_store, method)(self._store, request)

    def _open(self) -> Any:
        options = metadata_store_pb2.MigrationOptions()
        return metadata_store.CreateMetadataStore(
            self._database.SerializeToString(), options.SerializeToString()
        )


def _handler(store: _Store, method: str) -> grpc.RpcMethodHandler:
    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        response, message, code = store.call(method, request)
        if code:
            context.abort(next(one for one in grpc.StatusCode if one.value[0] == code), message)
        return response

    return grpc.unary_unary_rpc_method_handler(answer)
