"""One run on the logs of a shop, and both kinds of files."""

import pytest

from tests.components.list_example_gen.shop import Run, shop_dataset, shop_logs, write_logs


@pytest.fixture(params=["csv", "parquet"])
def ending(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    return Run(folder).do(shop_dataset(), [write_logs(shop_logs(), folder / "logs.parquet")])
