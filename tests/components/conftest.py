"""What tests of several components share.

Executors that are called without flags of Beam run on the product's runner.
"""

from collections.abc import Iterator

import ml_metadata as mlmd
import pytest
from apache_beam.options.pipeline_options import StandardOptions
from ml_metadata.proto.metadata_store_pb2 import ConnectionConfig

from pipeline.beam_runner import LOCAL_RUNNER


@pytest.fixture(autouse=True, scope="session")
def _local_runner() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StandardOptions, "DEFAULT_RUNNER", LOCAL_RUNNER)
        yield


@pytest.fixture
def store() -> mlmd.MetadataStore:
    """An empty ML Metadata."""
    connection = ConnectionConfig()
    connection.fake_database.SetInParent()
    return mlmd.MetadataStore(connection)
