"""Connects to ML Metadata: a SQLite file or a gRPC service."""

import os
from collections.abc import Mapping
from pathlib import Path

import ml_metadata as mlmd
from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.metadata import ConnectionConfigType, sqlite_metadata_connection_config

from data.errors import InputError
from pipeline.kubeflow.parameters import CLUSTER, GRPC

_LONGEST_WAIT_SECONDS = 30
_HOST, _PORT = "METADATA_GRPC_SERVICE_HOST", "METADATA_GRPC_SERVICE_PORT"


def metadata_connection(
    address: str, environment: Mapping[str, str] = os.environ
) -> ConnectionConfigType:
    """The connection to ML Metadata at an address.

    Args:
        address: `cluster` for the service that Kubeflow Pipelines names to its pods,
            `grpc://HOST:PORT`, or the path of a SQLite file for nodes on one machine.
        environment: the variables of the process.

    Returns:
        The connection.

    Raises:
        InputError: the address is none of these, or the cluster names no service.
    """
    if address == CLUSTER:
        if not environment.get(_HOST):
            raise InputError(
                f"--metadata: expected {_HOST} and {_PORT} in the environment, as Kubeflow "
                f"Pipelines sets them; found none; grpc://HOST:PORT names another service"
            )
        address = f"grpc://{environment[_HOST]}:{environment.get(_PORT, '8080')}"
    if "://" not in address:
        return sqlite_metadata_connection_config(str(Path(address).absolute()))
    named = GRPC.fullmatch(address)
    if named is None:
        raise InputError(
            f"--metadata: expected {CLUSTER}, grpc://HOST:PORT or the path of a SQLite file, "
            f"found {address!r}"
        )
    return metadata_store_pb2.MetadataStoreClientConfig(host=named["host"], port=int(named["port"]))


def reach_metadata(
    connection: ConnectionConfigType, longest_wait: float = _LONGEST_WAIT_SECONDS
) -> None:
    """Checks that ML Metadata's service answers, before a node does anything else.

    Args:
        connection: of ML Metadata; a file is not looked at.
        longest_wait: seconds to wait for an answer.

    Raises:
        InputError: nothing that knows ML Metadata answers there.
    """
    if not isinstance(connection, metadata_store_pb2.MetadataStoreClientConfig):
        return
    bounded = metadata_store_pb2.MetadataStoreClientConfig()
    bounded.CopyFrom(connection)
    bounded.client_timeout_sec = longest_wait
    try:
        mlmd.MetadataStore(bounded).get_context_types()
    except errors.StatusError as error:
        raise InputError(
            f"--metadata: expected ML Metadata's gRPC service at {connection.host}:"
            f"{connection.port} to answer within {longest_wait:g} seconds, found: {error.message}"
        ) from error
