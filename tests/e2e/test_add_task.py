"""A task is added to a pushed model, which is evaluated as it is and then trained further."""

import json
from pathlib import Path

import pytest
import yaml

from data.simulator import SimulatorConfig, simulated_dataset, write_logs
from tests.e2e.running import Run, run_pipeline, seqmd

SIMULATED = SimulatorConfig(lists=1500)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marketplace") / "logs"
    write_logs(SIMULATED, folder)
    return folder


@pytest.fixture(scope="module")
def two_tasks(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A model of click and purchase."""
    folder = tmp_path_factory.mktemp("two")
    definition = simulated_dataset(SIMULATED)
    definition["tasks"] = [task for task in definition["tasks"] if task["name"] != "add_to_cart"]
    definition["training"] = {"epochs": 4, "lists_per_batch": 64, "learning_rate": 0.003}
    definition["evaluation"] = {"smallest_slice": 20}
    (folder / "two.yaml").write_text(yaml.safe_dump(definition))
    run = run_pipeline(folder / "two.yaml", [logs], folder / "output")
    assert run.code == 0, run.screen + run.errors
    return run


def _add(run: Run, logs: Path, output: Path, *more: str) -> Run:
    words = ["--model", run.output / "serving_model", "--input", logs, "--output", output]
    task = ["--task", "add_to_cart", "--grade", "2", "--place", "2"]
    done = seqmd("add-task", *words, *task, *more)
    return Run(done.returncode, done.stdout, done.stderr, output)


def _ndcg(run: Run, task: str) -> float:
    targets = run.summary["metrics"]["slices"][0]["targets"]
    return targets[task]["rankings"]["score"]["ndcg@10"]["value"]


def test_the_task_is_ranked_without_training_and_better_with(
    two_tasks: Run, logs: Path, tmp_path: Path
) -> None:
    grown = _add(two_tasks, logs, tmp_path / "grown")
    assert grown.code in (0, 2), grown.screen + grown.errors
    assert "warm start: " in grown.screen
    assert "sequence/token/dense_0/kernel" in grown.screen
    assert "a new task starts as the mean of its neighbours" in grown.screen
    assert "does not fit" not in grown.screen
    assert "epoch 1/" not in grown.screen
    rankings = grown.summary["metrics"]["slices"][0]["targets"]["add_to_cart"]["rankings"]
    assert rankings["score"]["ndcg@10"]["value"] > rankings["random"]["ndcg@10"]["value"] + 0.05
    # Trained on clicks and purchases, it ranks those as it did.
    assert _ndcg(grown, "click") == pytest.approx(_ndcg(two_tasks, "click"), abs=0.03)

    untrained = _ndcg(grown, "add_to_cart")
    trained = _add(two_tasks, logs, grown.output, "--epochs", "2")
    assert trained.code in (0, 2), trained.screen + trained.errors
    assert "epoch 2/2" in trained.screen
    assert "ListExampleGen" not in trained.executed()
    assert _ndcg(trained, "add_to_cart") != untrained


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--task", "click", "--grade", "2"], "--task: expected a new one, found 'click'"),
        (["--task", "x", "--grade", "2", "--place", "4"], "--place: expected 1 to 3, found 4"),
        (["--task", "absent", "--grade", "9"], "absent"),
        (["--task", "x", "--grade", "9", "--place", "1"], "--grade: expected 1 to 1 at place 1"),
    ],
)
def test_what_does_not_fit_is_one_message(
    two_tasks: Run, logs: Path, tmp_path: Path, words: list[str], expected: str
) -> None:
    output = tmp_path / "output"
    model = two_tasks.output / "serving_model"
    done = seqmd("add-task", "--model", model, "--input", logs, "--output", output, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("seqmd: ")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()


def test_a_model_that_is_no_task_sequence_is_refused(
    two_tasks: Run, logs: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    extra = model / "assets.extra"
    extra.mkdir(parents=True)
    (model / "saved_model.pb").touch()
    pushed = two_tasks.output / "serving_model" / two_tasks.versions[-1] / "assets.extra"
    for name in ("dataset.yaml", "training.yaml"):
        (extra / name).write_text((pushed / name).read_text())
    (extra / "model.yaml").write_text(json.dumps({"ranker": "ple"}))
    words = ["--task", "x", "--grade", "9"]
    done = seqmd("add-task", "--model", model, "--input", logs, *words, cwd=tmp_path)
    assert done.returncode == 1
    assert "expected a task sequence, seq or seq_md" in done.stderr


def test_a_run_starts_from_a_pushed_model(two_tasks: Run, logs: Path) -> None:
    expected = {task: _ndcg(two_tasks, task) for task in ("click", "purchase")}
    definition = yaml.safe_load(two_tasks.output.with_name("two.yaml").read_text())
    definition["training"]["epochs"] = 0
    again = two_tasks.output.with_name("again.yaml")
    again.write_text(yaml.safe_dump(definition))
    warm = ["--warm-start", str(two_tasks.output / "serving_model")]
    run = run_pipeline(again, [logs], two_tasks.output, *warm)
    assert run.executed()[0] == "Trainer"
    for task, value in expected.items():
        assert _ndcg(run, task) == pytest.approx(value, abs=1e-6)
