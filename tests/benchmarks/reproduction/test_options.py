"""Command lines that cannot be carried out end in one message, before anything is trained."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import paper
from benchmarks.reproduction.logs import with_tasks
from data.errors import InputError
from pipeline.config import load_config

TABLE = ["--table", "3"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "expected a --table, a --figure or a --study, found none"),
        ([*TABLE, "--seeds", "0"], "--seeds: expected 1 or more, found 0"),
        ([*TABLE, "--jobs", "-1"], "--jobs: expected 1 or more, found -1"),
        ([*TABLE, "--parameters", "0"], "--parameters: expected 1 or more, found 0"),
    ],
)
def test_a_wrong_option_is_named(
    words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        paper.main([*words, "--output", str(tmp_path / "paper")])
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "paper").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--dataset", "expedia"], "--input: expected files of the dataset expedia, found none"),
        (["--input", "rows.csv"], "--input: expected a --dataset that describes the files"),
        (["--settings", "/none.json"], "/none.json: expected a file of settings, found none"),
        (
            ["--study", "no_shifts", "--dataset", "expedia", "--input", "rows.csv"],
            r"expected simulated, which alone can do without \['regional_shifts'\]",
        ),
        (["--output", "/dev/null"], "--output: expected a folder that can be made"),
    ],
)
def test_wrong_files_are_named(words: list[str], expected: str, tmp_path: Path) -> None:
    table = [] if "--study" in words else TABLE
    with pytest.raises(InputError, match=expected):
        paper.main([*table, "--output", str(tmp_path), *words])


def test_a_task_that_the_dataset_lacks_is_named() -> None:
    dataset = load_config("expedia").dataset
    with pytest.raises(InputError, match=r"expedia: expected tasks \['click', 'purchase'\], found"):
        with_tasks(dataset, ("click", "purchase"))


def test_the_command_ends_with_one_line_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    words = [*TABLE, "--output", str(tmp_path), "--settings", "/none.json"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.paper", *words], capture_output=True, text=True
    )
    assert done.returncode == 1
    *before, last = done.stderr.splitlines()
    assert last == "benchmarks: /none.json: expected a file of settings, found none"
    # TensorFlow 2.21 says that it finds no GPU before any of its settings is read.
    assert all("cudart_stub" in line or "absl::InitializeLog" in line for line in before)
