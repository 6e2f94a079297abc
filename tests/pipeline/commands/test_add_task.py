import argparse
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.simulator import SimulatorConfig, simulated_dataset, write_logs
from pipeline import cli


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """As much of a pushed model as is read before it is loaded."""
    extra = tmp_path / "model" / "assets.extra"
    extra.mkdir(parents=True)
    (tmp_path / "model" / "saved_model.pb").touch()
    (extra / "weights.json").touch()
    dataset = simulated_dataset(SimulatorConfig())
    dataset["tasks"] = [task for task in dataset["tasks"] if task["name"] != "add_to_cart"]
    definitions = {
        "dataset": dataset,
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
    assert "tasks[2].name: " in error
    assert "\x1b" not in error
    assert sorted(tmp_path.parent.rglob("*")) == before


def _carts(model: Path, logs: str, *more: str) -> int:
    words = ["--model", str(model), "--input", logs, "--task", "add_to_cart", "--grade", "2"]
    return cli.main(["add-task", *words, "--place", "2", *more])


def test_no_definition_is_left_where_the_output_is_a_file(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outfile").touch()
    assert _carts(model, "nowhere.csv", "--output", "outfile") == 1
    expected = f"--output: expected a folder, found a file at {tmp_path / 'outfile'}\n"
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "outfile.yaml").exists()


def test_no_definition_is_left_where_the_logs_are_refused(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _carts(model, "nowhere.csv") == 1
    assert "nowhere.csv" in capsys.readouterr().err
    assert not (tmp_path / "output").exists()


def test_a_definition_that_was_changed_is_not_written_over(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    changed = Path("output/simulated-add_to_cart.yaml")
    changed.parent.mkdir()
    changed.write_text(yaml.safe_dump(simulated_dataset(SimulatorConfig())))
    before = changed.read_text()
    assert _carts(model, "nowhere.csv") == 1
    assert f"{changed} holds another definition" in capsys.readouterr().err
    assert changed.read_text() == before


def test_the_same_task_is_evaluated_first_and_trained_later(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_logs(SimulatorConfig(lists=20), Path("logs"))
    run: list[argparse.Namespace] = []
    monkeypatch.setattr(
        "pipeline.commands.add_task.run_pipeline", lambda options: run.append(options) or 0
    )
    epochs = []
    for more in ([], ["--epochs", "5"]):
        assert _carts(model, "logs", *more) == 0
        definition = yaml.safe_load(Path(run[-1].dataset).read_text())
        names = [task["name"] for task in definition["tasks"]]
        assert names == ["click", "add_to_cart", "purchase"]
        epochs.append(definition["training"]["epochs"])
    assert epochs == [0, 5]


def _kept(model: Path, *more: str) -> int:
    """Adds what `seqmd simulate --late-feedback --refunds` calls kept, to a model that lacks it."""
    file = model / "assets.extra" / "dataset.yaml"
    dataset = simulated_dataset(SimulatorConfig(**LATE))
    dataset["tasks"] = dataset["tasks"][:-1]
    dataset["left_out"]["sent_back_at"] = "known only afterwards"
    file.write_text(yaml.safe_dump(dataset))
    words = ["--model", str(model), "--input", "logs", "--task", "kept", "--grade", "4"]
    return cli.main(["add-task", *words, "--column", "purchase", *more])


LATE: dict[str, Any] = {"late_feedback": True, "refunds": True}
KEPT_TIMES = ("--at", "purchase_at", "--undone-by", "sent_back_at", "--matures-after", "14d")


def test_a_task_may_have_times(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_logs(SimulatorConfig(lists=20, **LATE), Path("logs"))
    run: list[argparse.Namespace] = []
    monkeypatch.setattr(
        "pipeline.commands.add_task.run_pipeline", lambda options: run.append(options) or 0
    )
    assert _kept(model, *KEPT_TIMES) == 0
    definition = yaml.safe_load(Path(run[-1].dataset).read_text())
    expected = simulated_dataset(SimulatorConfig(**LATE))
    (kept,) = (task for task in expected["tasks"] if task["name"] == "kept")
    assert definition["tasks"][-1] == {k: v for k, v in kept.items() if k != "true_probability"}
    assert definition["left_out"] == expected["left_out"]


def test_times_that_contradict_each_other_are_refused(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _kept(model, "--undone-by", "sent_back_at") == 1
    assert "task 'kept': undone_by needs `at`" in capsys.readouterr().err
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("name", ["dataset", "model", "training"])
def test_a_model_that_was_pushed_by_something_else_is_refused(
    model: Path, name: str, capsys: pytest.CaptureFixture
) -> None:
    file = model / "assets.extra" / f"{name}.yaml"
    file.unlink()
    assert _carts(model, "logs") == 1
    assert f"--model: expected {file}, as seqmd pushes it; found none" in capsys.readouterr().err


def test_a_task_that_the_score_leaves_out_is_told(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    write_logs(SimulatorConfig(lists=20), Path("logs"))
    monkeypatch.setattr("pipeline.commands.add_task.run_pipeline", lambda options: 0)
    told = "do not name add_to_cart, which weighs nothing in the score"
    assert _carts(model, "logs", "--output", "even") == 0
    assert told not in capsys.readouterr().out
    training = {"score_weights": {"click": 1, "purchase": 7}}
    (model / "assets.extra" / "training.yaml").write_text(yaml.safe_dump(training))
    assert _carts(model, "logs", "--output", "weighed") == 0
    assert told in capsys.readouterr().out
