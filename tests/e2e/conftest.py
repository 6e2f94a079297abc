import pytest

from tests.e2e.running import Marketplace, Run
from tests.made_once import made_once


@pytest.fixture(scope="session")
def marketplace(tmp_path_factory: pytest.TempPathFactory) -> Marketplace:
    folder = made_once(tmp_path_factory, "marketplace", lambda new: Marketplace(new).make())
    return Marketplace(folder)


@pytest.fixture(scope="session")
def first_run(marketplace: Marketplace) -> Run:
    """A run of the marketplace, made once; what it left is read and never changed."""
    return marketplace.first_run()
