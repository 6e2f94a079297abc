from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.e2e.running import Marketplace, run_pipeline

Record = Callable[[str, object], None]


@pytest.mark.reliability("bad definition")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"list_id": "no_such_column"}, ["list_id", "no_such_column", "logs"]),
        ({"splitt": {}}, ["splitt", "no such field"]),
        ({"region": 7}, ["region", "7"]),
    ],
)
def test_a_wrong_definition_is_one_message_before_anything_is_written(
    marketplace: Marketplace,
    tmp_path: Path,
    change: dict,
    expected: list[str],
    record_property: Record,
) -> None:
    content = {**yaml.safe_load(marketplace.definition.read_text()), **change}
    definition = tmp_path / "wrong.yaml"
    definition.write_text(yaml.safe_dump(content))
    run = run_pipeline(definition, [marketplace.logs], tmp_path / "output")
    assert run.code == 1
    for words in expected:
        assert words in run.errors
    assert "Traceback" not in run.screen + run.errors
    assert not (tmp_path / "output" / "pipeline").exists()
    assert not (tmp_path / "output" / "summary.json").exists()
    record_property("tried", 1)
    record_property("outcome", "one clear error")


@pytest.mark.reliability("bad input")
def test_a_damaged_file_is_named(
    marketplace: Marketplace, tmp_path: Path, record_property: Record
) -> None:
    damaged = tmp_path / "cut.parquet"
    damaged.write_bytes(min(marketplace.logs.glob("*.parquet")).read_bytes()[:5000])
    run = run_pipeline(marketplace.definition, [damaged], tmp_path / "output")
    assert run.code == 1
    assert "cut.parquet" in run.errors
    assert "Traceback" not in run.screen + run.errors
    record_property("tried", 1)
    record_property("outcome", "one clear error")
