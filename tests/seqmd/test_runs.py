"""A run's arguments are the command line's options."""

import datetime
import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from data.errors import InputError
from seqmd import runs


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words of the command, which writes a summary and ends as not blessed."""
    words: list[str] = []

    def command(*of_command: str) -> int:
        words.extend(of_command)
        (output,) = (word.partition("=")[2] for word in words if word.startswith("--output="))
        Path(output).mkdir(parents=True, exist_ok=True)
        (Path(output) / "summary.json").write_text(json.dumps({"blessed": False}))
        print("to the process")
        return 2

    monkeypatch.setattr(runs, "command", command)
    return words


def test_only_what_is_given_is_said(said: list[str], tmp_path: Path) -> None:
    found = runs.run("simulated", output=tmp_path / "out")
    assert said == ["run", "--dataset=simulated", f"--output={tmp_path / 'out'}"]
    assert (found.blessed, found.summary) == (False, {"blessed": False})
    assert found.report == tmp_path / "out" / "report.html"
    assert found.model == tmp_path / "out" / "serving_model"


def test_the_output_is_named_by_the_dataset(
    said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert runs.run("expedia", "train.csv").output == Path("output/expedia")


def test_everything_can_be_given(said: list[str], tmp_path: Path) -> None:
    day = datetime.date(2026, 1, 31)
    runs.run(
        "expedia",
        pd.DataFrame({"price": [1]}),
        output=tmp_path,
        seed=0,
        warm_start="model",
        evaluation_logs=["a.csv", "b.csv"],
        end=day,
        cache=False,
    )
    (rows,) = (tmp_path / "logs").iterdir()
    assert said[3:] == [
        "--seed=0",
        "--warm-start=model",
        "--to=2026-01-31",
        "--no-cache",
        "--input",
        str(rows),
        "--eval-input",
        "a.csv",
        "b.csv",
    ]


def test_a_wrong_definition_is_refused_before_anything_is_written(
    said: list[str], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="expected a YAML file or one of"):
        runs.run("none.yaml", pd.DataFrame({"price": [1]}), output=tmp_path / "out")
    assert not said
    assert not (tmp_path / "out").exists()


def test_the_command_writes_to_the_process_and_the_streams_come_back(
    said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Notebook:
        def write(self, text: str) -> int:
            raise AssertionError(text)

    monkeypatch.setattr(sys, "stdout", Notebook())
    runs.run("simulated", output=tmp_path)
    assert isinstance(sys.stdout, Notebook)


def test_a_search_is_said_and_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said: list[str] = []

    def command(*words: str) -> int:
        said.extend(words)
        (tmp_path / "tuning.json").write_text(json.dumps({"beyond_chance": True, "best": 2}))
        return 0

    monkeypatch.setattr(runs, "command", command)
    found = runs.tune(
        "expedia", "a.csv", output=tmp_path, trials=4, rankers=["ple", "seq_md"], seed=7
    )
    assert said == [
        "tune",
        "--dataset=expedia",
        f"--output={tmp_path}",
        "--trials=4",
        "--seeds=3",
        "--jobs=1",
        "--seed=7",
        "--ranker",
        "ple",
        "seq_md",
        "--input",
        "a.csv",
    ]
    assert found.definition == tmp_path / "tuned.yaml"
    assert found.beyond_chance
    assert found.result["best"] == 2
