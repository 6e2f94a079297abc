from pathlib import Path

import pytest
import yaml

from data.simulator import SimulatorConfig, simulated_dataset
from pipeline import cli


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """As much of a pushed model as is read before it is loaded."""
    extra = tmp_path / "model" / "assets.extra"
    extra.mkdir(parents=True)
    (tmp_path / "model" / "saved_model.pb").touch()
    definitions = {
        "dataset": simulated_dataset(SimulatorConfig()),
        "model": {"ranker": "seq_md"},
        "training": {},
    }
    for name, definition in definitions.items():
        (extra / f"{name}.yaml").write_text(yaml.safe_dump(definition))
    return tmp_path / "model"


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "", "a\0b\x1b[31m", "a" * 101])
def test_a_hostile_name_is_refused_before_anything_is_written(
    model: Path,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.parent.rglob("*"))
    words = ["--model", str(model), "--input", "logs", "--task", name, "--grade", "3"]
    assert cli.main(["add-task", *words]) == 1
    error = capsys.readouterr().err
    assert "tasks[3].name: " in error
    assert "\x1b" not in error
    assert sorted(tmp_path.parent.rglob("*")) == before
