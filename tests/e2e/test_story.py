"""A pushed ranker's first weeks, through the real components.

The first run is that of test_first_run.py; the tests of this file go on in its output folder, each
where the one before it stopped.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

from tests.e2e.running import (
    NODES,
    TASKS,
    Marketplace,
    Run,
    definition,
    run_pipeline,
    seqmd,
)

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("story")


def go_on(
    market: Marketplace, folder: Path, *words: str | Path, logs: Path | None = None, **changes: Any
) -> Run:
    """A run in the first run's output folder, with changes to the definition."""
    changed = folder / "market.yaml"
    changed.write_text(yaml.safe_dump(definition(**changes)))
    return run_pipeline(changed, [logs or market.logs], market.output, *map(str, words))


def test_an_unchanged_second_run_executes_nothing(
    first_run: Run, marketplace: Marketplace, folder: Path
) -> None:
    assert all(Path(path).exists() for path in first_run.summary["paths"].values())
    again = go_on(marketplace, folder)
    assert again.code == 0
    assert again.executed() == []
    assert again.screen.count("cached") == len(NODES)
    assert again.versions == first_run.versions


@pytest.fixture(scope="module")
def changed(marketplace: Marketplace, folder: Path) -> Path:
    """The largest region is gone, and no listing has a price."""
    (folder / "changed").mkdir()
    for path in sorted(marketplace.logs.glob("*.parquet")):
        table = pq.read_table(path)
        table = table.filter(pc.not_equal(table["country"], "US"))
        gone = pc.multiply(table["price"], float("nan"))
        place = table.column_names.index("price")
        pq.write_table(table.set_column(place, "price", gone), folder / "changed" / path.name)
    return folder / "changed"


@pytest.mark.reliability("drift")
def test_logs_that_have_changed_stop_the_run_and_list_why(
    first_run: Run, marketplace: Marketplace, folder: Path, changed: Path, record_property: Record
) -> None:
    notes = first_run.summary["validation"]["notes"]
    assert notes[0].startswith("no earlier run was accepted")
    assert notes[0] in first_run.screen
    stopped = go_on(marketplace, folder, logs=changed)
    assert stopped.code == 1
    assert "region US: 0.00% of the training lists (0)" in stopped.errors
    assert "feature price: 100% of its values are missing" in stopped.errors
    assert "Traceback" not in stopped.screen + stopped.errors
    assert "Trainer" not in stopped.screen
    assert "region US" in stopped.summary["error"]
    assert stopped.versions == first_run.versions
    record_property("tried", 1)
    record_property("outcome", "the run stops before training and lists the region and the feature")


@pytest.mark.thorough
@pytest.mark.reliability("drift")
def test_training_logs_unlike_serving_logs_stop_the_run(
    marketplace: Marketplace, folder: Path, changed: Path, record_property: Record
) -> None:
    words = ("--serving-logs", changed)
    stopped = go_on(marketplace, folder, *words, validation={"smallest_region": 20})
    assert stopped.code == 1
    assert "values are missing, 100% in the serving logs" in stopped.errors
    assert "region GB, feature price" in stopped.errors
    assert "ServingStatistics" in stopped.screen
    assert "Transform" not in stopped.screen
    record_property("tried", 1)
    record_property("outcome", "the run stops before training and lists the features by region")


def test_score_keeps_every_row_in_its_order(marketplace: Marketplace, tmp_path: Path) -> None:
    log = max(marketplace.logs.glob("*.parquet"))
    table = pq.read_table(log)
    order = np.random.default_rng(1).permutation(table.num_rows)
    shuffled = table.take(order)
    unlabelled = shuffled.drop([*TASKS, *(f"true_probability_{task}" for task in TASKS)])
    pq.write_table(unlabelled, tmp_path / "rows.parquet")
    model = marketplace.output / "serving_model"
    words = ("score", "--model", model, "--input", tmp_path / "rows.parquet", "--output")
    done = seqmd(*words, tmp_path / "scored.parquet")
    assert done.returncode == 0, done.stderr
    scored = pq.read_table(tmp_path / "scored.parquet")
    assert scored["list_id"].to_pylist() == unlabelled["list_id"].to_pylist()
    assert scored["not_scored"].null_count == scored.num_rows
    frame = scored.select(["list_id", "score", "rank"]).to_pandas()
    for _, group in frame.groupby("list_id"):
        assert sorted(group["rank"]) == list(range(1, len(group) + 1))
        assert group.sort_values("rank")["score"].is_monotonic_decreasing
    straight = seqmd(*words[:-2], log, "--output", tmp_path / "straight.parquet")
    assert straight.returncode == 0, straight.stderr
    other = pq.read_table(tmp_path / "straight.parquet")["score"].to_numpy()
    np.testing.assert_allclose(frame["score"], other[order], atol=1e-5)


@pytest.mark.thorough
def test_a_changed_definition_executes_what_depends_on_it(
    first_run: Run, marketplace: Marketplace, folder: Path
) -> None:
    short = {"epochs": 1, "learning_rate": 0.0003}
    changed = go_on(marketplace, folder, training=short)
    assert changed.executed() == ["Trainer", "Evaluator", "Pusher", "Diagnostics"]
    blessing = changed.summary["blessing"]
    assert blessing["baseline"]["state"] == "compared"
    change = changed.summary["metrics"]["slices"][0]["targets"]["graded"]
    assert change["rankings"]["score"]["ndcg@10"]["change"]["value"] < 0
    assert (changed.code, blessing["blessed"]) == (2, False)
    assert changed.versions == first_run.versions
    assert "not blessed" in changed.screen


@pytest.mark.thorough
def test_a_run_starts_from_a_pushed_model(
    first_run: Run, marketplace: Marketplace, folder: Path
) -> None:
    words = ("--warm-start", marketplace.output / "serving_model")
    run = go_on(marketplace, folder, *words, training={"epochs": 0})
    assert run.code == 0, run.screen + run.errors
    assert run.executed() == ["Trainer", "Evaluator", "Pusher", "Diagnostics"]
    assert run.summary["blessing"]["baseline"]["state"] == "compared"
    for task in TASKS:
        assert run.ndcg(task) == pytest.approx(first_run.ndcg(task), abs=1e-6)
    assert len(run.versions) == len(first_run.versions) + 1


def add(market: Marketplace, output: Path, *more: str) -> Run:
    words = ["--model", market.output / "serving_model", "--input", market.logs]
    task = ["--task", "add_to_cart", "--grade", "2", "--place", "2"]
    done = seqmd("add-task", *words, "--output", output, *task, *more)
    return Run(done.returncode, done.stdout, done.stderr, output)


@pytest.mark.thorough
def test_a_task_is_added_and_ranked_without_training(
    first_run: Run, marketplace: Marketplace, folder: Path
) -> None:
    grown = add(marketplace, folder / "grown")
    assert grown.code in (0, 2), grown.screen + grown.errors
    assert "warm start: " in grown.screen
    assert "sequence/token/dense_0/kernel" in grown.screen
    assert "a new task starts as the mean of its neighbours" in grown.screen
    assert "does not fit" not in grown.screen
    assert "epoch 1/" not in grown.screen
    assert grown.ndcg("add_to_cart") > grown.ndcg("add_to_cart", "random") + 0.05
    # Trained on clicks and purchases, it ranks those as it did.
    assert grown.ndcg("click") == pytest.approx(first_run.ndcg("click"), abs=0.03)


@pytest.mark.thorough
def test_the_added_task_is_trained_further(marketplace: Marketplace, folder: Path) -> None:
    untrained = Run(0, "", "", folder / "grown").ndcg("add_to_cart")
    trained = add(marketplace, folder / "grown", "--epochs", "2")
    assert trained.code in (0, 2), trained.screen + trained.errors
    assert "epoch 2/2" in trained.screen
    assert "ListExampleGen" not in trained.executed()
    assert trained.ndcg("add_to_cart") != untrained


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--task", "click", "--grade", "2"], "--task: expected a new one, found 'click'"),
        (["--task", "x", "--grade", "2", "--place", "4"], "--place: expected 1 to 3, found 4"),
        (["--task", "absent", "--grade", "9"], "absent"),
        (["--task", "x", "--grade", "9", "--place", "1"], "--grade: expected 1 to 1 at place 1"),
    ],
)
def test_a_task_that_does_not_fit_is_one_message(
    marketplace: Marketplace, tmp_path: Path, words: list[str], expected: str
) -> None:
    output = tmp_path / "output"
    where = ["--model", marketplace.output / "serving_model", "--input", marketplace.logs]
    done = seqmd("add-task", *where, "--output", output, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("seqmd: ")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()


def test_no_task_is_added_to_a_model_that_is_no_task_sequence(
    marketplace: Marketplace, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    extra = model / "assets.extra"
    extra.mkdir(parents=True)
    (model / "saved_model.pb").touch()
    pushed = max((marketplace.output / "serving_model").glob("[0-9]*"))
    for name in ("dataset.yaml", "training.yaml"):
        (extra / name).write_text((pushed / "assets.extra" / name).read_text())
    (extra / "model.yaml").write_text(json.dumps({"ranker": "ple"}))
    words = ["--task", "x", "--grade", "9", "--input", marketplace.logs]
    done = seqmd("add-task", "--model", model, *words, folder=tmp_path)
    assert done.returncode == 1
    assert "expected a task sequence, seq or seq_md" in done.stderr


@pytest.mark.thorough
def test_the_version_before_is_served_again(
    first_run: Run, marketplace: Marketplace, folder: Path
) -> None:
    done = seqmd("rollback", "--model", marketplace.output / "serving_model")
    assert done.returncode == 0, done.stderr
    served = [path for path in marketplace.output.glob("serving_model/*") if path.name.isdecimal()]
    assert [path.name for path in served] == first_run.versions
    words = ("--warm-start", served[0])
    run = go_on(marketplace, folder, *words, training={"epochs": 0})
    assert "was withdrawn and stays so" in run.screen
