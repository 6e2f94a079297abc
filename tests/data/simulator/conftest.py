import numpy as np
import pyarrow as pa
import pytest

from data.simulator import SimulatorConfig, simulate


def simulated(**chosen: object) -> pa.Table:
    return pa.concat_tables(simulate(SimulatorConfig.model_validate(chosen)))


def numbers(table: pa.Table, column: str) -> np.ndarray:
    return table[column].to_numpy().astype(float)


@pytest.fixture(scope="session")
def logs() -> pa.Table:
    """Logs of the default marketplace."""
    return simulated()
