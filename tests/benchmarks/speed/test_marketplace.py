"""Logs that are grown in one direction."""

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.dataset
import pytest
import yaml

from benchmarks.speed.marketplace import definition_in, logs_in, measure

ROWS = 5_000


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> pyarrow.Table:
    return written(tmp_path_factory.mktemp("usual"))


def written(folder: Path, **grown: int) -> pyarrow.Table:
    assert measure(str(folder), ROWS, **grown)["rows"] == pytest.approx(ROWS, rel=0.15)
    return pyarrow.dataset.dataset(logs_in(str(folder))).to_table()


def test_longer_lists_are_fewer(usual: pyarrow.Table, tmp_path: Path) -> None:
    longer = written(tmp_path, list_length=4)
    fewer = (
        pc.count_distinct(usual["list_id"]).as_py() / pc.count_distinct(longer["list_id"]).as_py()
    )
    assert fewer == pytest.approx(4, rel=0.05)


def test_features_are_declared(usual: pyarrow.Table, tmp_path: Path) -> None:
    wider = written(tmp_path, features=2)
    assert wider.num_columns == usual.num_columns + 30 + 10
    definition = yaml.safe_load(definition_in(str(tmp_path)).read_text())
    assert len(definition["features"]) == 2 * (30 + 10)


def test_a_region_is_cut_by_lists(usual: pyarrow.Table, tmp_path: Path) -> None:
    cut = written(tmp_path, regions=3)
    before = set(usual["country"].to_pylist())
    assert {country.rsplit("-", 1)[0] for country in cut["country"].to_pylist()} == before
    assert pc.count_distinct(cut["country"]).as_py() > 2 * len(before)
    of_lists = cut.group_by("list_id").aggregate([("country", "count_distinct")])
    assert set(of_lists["country_count_distinct"].to_pylist()) == {1}
