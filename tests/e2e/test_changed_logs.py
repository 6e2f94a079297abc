"""Logs that are unlike the last run's: the run stops before anything is learnt of them."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

from tests.e2e.running import Marketplace, Run, run_pipeline

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def changed(marketplace: Marketplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The largest region is gone, and no listing has a price."""
    folder = tmp_path_factory.mktemp("changed")
    for path in sorted(marketplace.logs.glob("*.parquet")):
        table = pq.read_table(path)
        table = table.filter(pc.not_equal(table["country"], "US"))
        gone = pc.multiply(table["price"], float("nan"))
        place = table.column_names.index("price")
        pq.write_table(table.set_column(place, "price", gone), folder / path.name)
    return folder


@pytest.mark.reliability("drift")
def test_logs_that_have_changed_stop_the_run_and_list_why(
    first_run: Run, marketplace: Marketplace, changed: Path, record_property: Record
) -> None:
    notes = first_run.summary["validation"]["notes"]
    assert notes[0].startswith("no earlier run was accepted")
    assert notes[0] in first_run.screen
    stopped = run_pipeline(marketplace.definition, [changed], marketplace.output)
    assert stopped.code == 1
    assert "region US: 0.00% of the training lists (0)" in stopped.errors
    assert "feature price: 100% of its values are missing" in stopped.errors
    assert "Traceback" not in stopped.screen + stopped.errors
    assert "Trainer" not in stopped.screen
    assert "region US" in stopped.summary["error"]
    assert stopped.versions == first_run.versions
    record_property("tried", 1)
    record_property("outcome", "the run stops before training and lists the region and the feature")


@pytest.mark.reliability("drift")
def test_training_logs_unlike_serving_logs_stop_the_run(
    first_run: Run,
    marketplace: Marketplace,
    changed: Path,
    tmp_path: Path,
    record_property: Record,
) -> None:
    content = yaml.safe_load(marketplace.definition.read_text())
    definition = tmp_path / "market.yaml"
    definition.write_text(yaml.safe_dump({**content, "validation": {"smallest_region": 50}}))
    words = ("--serving-logs", str(changed))
    stopped = run_pipeline(definition, [marketplace.logs], marketplace.output, *words)
    assert stopped.code == 1
    assert "values are missing, 100% in the serving logs" in stopped.errors
    assert "region GB, feature price" in stopped.errors
    assert "ServingStatistics" in stopped.screen
    assert "Transform" not in stopped.screen
    record_property("tried", 1)
    record_property("outcome", "the run stops before training and lists the features by region")
