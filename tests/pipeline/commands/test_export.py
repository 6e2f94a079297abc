"""`seqmd export` says what it lacks before anything is loaded or written."""

from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.commands import export


def test_missing_packages_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find_spec(name: str) -> ModuleSpec | None:
        return None if name == "tf2onnx" else ModuleSpec(name, None)

    monkeypatch.setattr(export, "find_spec", find_spec)
    assert main(["export", "--model", str(tmp_path), "--onnx", str(tmp_path / "onnx")]) == 1
    told = capsys.readouterr().err
    assert "found no tf2onnx; install them with: pip install '.[onnx]'" in told


def test_an_existing_folder_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--model", str(tmp_path), "--onnx", str(tmp_path)]) == 1
    assert "expected a folder that is not there yet" in capsys.readouterr().err


def test_a_folder_without_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--model", str(tmp_path), "--onnx", str(tmp_path / "onnx")]) == 1
    assert f"expected a pushed model, found none in {tmp_path}" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_log_of_the_users_own_beside_the_folder_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").touch()
    own = tmp_path / "onnx.log"
    own.write_text("mine")
    assert main(["export", "--model", str(tmp_path / "1"), "--onnx", str(tmp_path / "onnx")]) == 1
    assert "expected a model that seqmd pushed" in capsys.readouterr().err
    assert own.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"1", own.name}
