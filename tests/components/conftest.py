"""Executors that are called without flags of Beam run on the product's runner."""

from collections.abc import Iterator

import pytest
from apache_beam.options.pipeline_options import StandardOptions

from pipeline.beam_runner import LOCAL_RUNNER


@pytest.fixture(autouse=True, scope="session")
def _local_runner() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StandardOptions, "DEFAULT_RUNNER", LOCAL_RUNNER)
        yield
