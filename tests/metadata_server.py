"""A gRPC server of ML Metadata on loopback, on the store that the ml-metadata wheel has."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from ml_metadata.metadata_store.pywrap.metadata_store_extension import metadata_store
from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2
from tfx.orchestration.metadata import sqlite_metadata_connection_config

SERVICE = metadata_store_service_pb2.DESCRIPTOR.services_by_name["MetadataStoreService"]


@contextlib.contextmanager
def metadata_server(file: Path) -> Iterator[str]:
    """Yields `grpc://HOST:PORT`."""
    config = sqlite_metadata_connection_config(str(file))
    assert isinstance(config, metadata_store_pb2.ConnectionConfig)
    store = metadata_store.CreateMetadataStore(
        config.SerializeToString(),
        metadata_store_pb2.MigrationOptions().SerializeToString(),
    )
    lock = threading.Lock()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    handlers = {method.name: _handler(store, method.name, lock) for method in SERVICE.methods}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE.full_name, handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"grpc://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def _handler(store: Any, name: str, lock: threading.Lock) -> grpc.RpcMethodHandler:
    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        with lock:
            response, message, code = getattr(metadata_store, name)(store, request)
        if code != 0:
            context.abort(next(one for one in grpc.StatusCode if one.value[0] == code), message)
        return response

    return grpc.unary_unary_rpc_method_handler(answer)
