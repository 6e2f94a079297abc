from collections.abc import Callable

import pyarrow as pa
import pytest

from data.simulator import SimulatorConfig, simulate


def _simulated(**chosen: object) -> pa.Table:
    return pa.concat_tables(simulate(SimulatorConfig.model_validate(chosen)))


@pytest.fixture(scope="session")
def simulated() -> Callable[..., pa.Table]:
    """Simulates the logs of a marketplace of one's choice."""
    return _simulated


@pytest.fixture(scope="session")
def logs() -> pa.Table:
    """Logs of the default marketplace."""
    return _simulated()
