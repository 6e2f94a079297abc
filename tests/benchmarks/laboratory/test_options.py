"""Command lines that cannot be carried out end in one message, before anything is trained."""

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from benchmarks import paper
from benchmarks.laboratory.comparison import Comparison
from benchmarks.laboratory.logs import PRESETS, Logs, Preset, simulated_logs, with_tasks
from benchmarks.laboratory.options import laboratory_maker
from benchmarks.laboratory.prepared import Scores
from benchmarks.laboratory.setups import Setup
from components.evaluator.config import GRADED
from data.errors import InputError
from data.simulator import SimulatorConfig, simulated_dataset, write_logs
from pipeline.config import load_config
from tests import processes

TABLE = ["--table", "3"]


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(Preset(lists=300, evaluation_lists=20, seeds=1, epochs=1))


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
        (["--settings", "/dev"], "/dev: expected a file of settings: Is a directory"),
        (
            ["--study", "no_shifts", "--dataset", "expedia", "--input", "rows.csv"],
            r"expected simulated, which alone can change \['regional_shifts'\]",
        ),
        (["--output", "/dev/null"], "--output: expected a folder that can be made"),
    ],
)
def test_wrong_files_are_named(words: list[str], expected: str, tmp_path: Path) -> None:
    table = [] if "--study" in words else TABLE
    with pytest.raises(InputError, match=expected):
        paper.main([*table, "--output", str(tmp_path), *words])


def test_what_a_model_asks_of_the_dataset_is_checked_before_any_training(
    logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = tuple(feature for feature in logs.dataset.features if feature.name != "platform")
    without = replace(logs, dataset=logs.dataset.model_copy(update={"features": features}))
    monkeypatch.setattr(paper, "laboratory_maker", lambda *_: lambda: Namespace(logs=without))
    monkeypatch.setattr(paper, "in_laboratories", lambda *_: pytest.fail("a training was begun"))
    with pytest.raises(InputError, match="expected a feature that is the platform, found none"):
        paper.main(["--study", "adapted_by", "--output", str(tmp_path)])


@pytest.mark.parametrize(
    ("exhibit", "tasks"),
    [("table1", ["click", "purchase"]), ("table3", ["click", "add_to_cart", "purchase"])],
)
def test_logs_of_ones_own_have_the_tasks_of_the_table(
    exhibit: str, tasks: list[str], tmp_path: Path
) -> None:
    write_logs(SimulatorConfig(lists=20), tmp_path)
    definition = tmp_path / "mine.yaml"
    definition.write_text(yaml.safe_dump(simulated_dataset(SimulatorConfig())))
    options = Namespace(
        dataset=str(definition), input=[str(tmp_path)], parameters=1, output=tmp_path
    )
    made = laboratory_maker(options, PRESETS["small"], tasks=paper.EXHIBITS[exhibit].tasks)()
    assert [task.name for task in made.logs.dataset.tasks] == tasks


@pytest.mark.parametrize(
    ("exhibit", "said"),
    [("figure4", "No distances between regions"), ("figure7", "No shares of domestic listings")],
)
def test_a_figure_that_these_logs_do_not_have_is_told(
    exhibit: str, said: str, logs: Logs, tmp_path: Path
) -> None:
    items = logs.lists.take(logs.parts.evaluation).row_lengths.sum()
    targets = [*(task.name for task in logs.dataset.tasks), GRADED]
    scores = {target: np.zeros(items) for target in targets}
    compared = Comparison(logs, [Setup("seq", against="seq")], 1, {(0, 1): Scores({}, scores)})
    *_, last = paper._written(exhibit, paper.EXHIBITS[exhibit], compared, tmp_path)
    assert said in last


def test_a_task_that_the_dataset_lacks_is_named() -> None:
    dataset = load_config("expedia").dataset
    with pytest.raises(InputError, match=r"expedia: expected tasks \['click', 'purchase'\], found"):
        with_tasks(dataset, ("click", "purchase"))


def test_the_command_ends_with_one_line_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    words = [*TABLE, "--output", str(tmp_path), "--settings", "/none.json"]
    done = processes.run([sys.executable, "-m", "benchmarks.paper", *words])
    assert done.returncode == 1
    *before, last = done.stderr.splitlines()
    assert last == "benchmarks: /none.json: expected a file of settings, found none"
    # TensorFlow 2.21 says that it finds no GPU before any of its settings is read.
    assert all("cudart_stub" in line or "absl::InitializeLog" in line for line in before)
