"""Where ML Metadata is."""

import os
from collections.abc import Mapping
from pathlib import Path

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.metadata import ConnectionConfigType, sqlite_metadata_connection_config

from data.errors import InputError
from pipeline.node_parameters import CLUSTER, GRPC

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
