import pytest

from data.simulator import SimulatorConfig, write_logs
from tests.e2e.running import Marketplace, Run, run_pipeline


@pytest.fixture(scope="session")
def marketplace(tmp_path_factory: pytest.TempPathFactory) -> Marketplace:
    folder = tmp_path_factory.mktemp("marketplace")
    write_logs(SimulatorConfig(lists=1500), folder / "logs")
    market = Marketplace(folder / "market.yaml", folder / "logs", folder / "output")
    market.write_definition()
    return market


@pytest.fixture(scope="session")
def first_run(marketplace: Marketplace) -> Run:
    return run_pipeline(marketplace.definition, [marketplace.logs], marketplace.output)
