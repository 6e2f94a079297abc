"""The real pipeline, as a user runs it, on a small simulated marketplace.

The tests of this file build on one another in their order: a first run, an unchanged second one,
a changed one.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import keys
from data.dataset import Dataset
from data.encoding import encode
from data.list_metrics import list_ndcg, random_ndcg
from data.lists import group_rows
from data.loading import load_dataset
from data.rows import canonical_rows
from data.served_answer import ExportedModel
from data.simulator import SimulatorConfig, simulate
from data.sources import RowBatch, source_for
from tests.e2e.running import Marketplace, Run, kill_after, run_pipeline, seqmd

NODES = (
    "ListExampleGen",
    "StatisticsGen",
    "RegionStatistics",
    "SchemaGen",
    "ExampleValidator",
    "RegionSplit",
    "Transform",
    "Trainer",
    "Evaluator",
    "Pusher",
    "Diagnostics",
)
TASKS = ("click", "add_to_cart", "purchase")


def test_first_run_is_blessed_and_says_all(first_run: Run) -> None:
    assert first_run.code == 0, first_run.screen + first_run.errors
    assert first_run.errors == ""
    for node in NODES:
        assert re.search(rf"{node} +[0-9.]+ s", first_run.screen), node
    for words in (
        "epoch 4/4",
        "validation: loss",
        "click",
        "blessed",
        "no model was blessed before",
    ):
        assert words in first_run.screen
    for noise in ("WARNING", "INFO", "tensorflow", "Traceback"):
        assert noise not in first_run.screen


def test_summary_holds_counts_metrics_verdict_and_paths(
    first_run: Run, marketplace: Marketplace
) -> None:
    summary = first_run.summary
    counts = summary["counts"]
    rows = sum(pq.read_metadata(path).num_rows for path in marketplace.logs.glob("*.parquet"))
    assert counts["rows_in"] == counts["rows_out"] + counts["rows_set_aside"] == rows
    assert sum(counts["lists"].values()) == 1500
    overall = summary["metrics"]["slices"][0]
    assert overall["slice"] == {}
    assert overall["lists"] == counts["lists"]["eval"]
    for task in TASKS:
        ndcg = overall["targets"][task]["rankings"]["score"]["ndcg@10"]
        assert ndcg["low"] < ndcg["value"] < ndcg["high"]
    assert summary["blessing"]["blessed"] is True
    assert all(Path(path).exists() for path in summary["paths"].values())
    assert list(Path(summary["paths"]["tensorboard"]).rglob("events.out.tfevents*"))


def test_the_report_shows_the_run(first_run: Run) -> None:
    report = json.loads((first_run.output / "report.json").read_text())
    assert report["not_read"] == {}
    assert report["run"]["status"] == "blessed"
    assert report["metrics"] == first_run.summary["metrics"]
    assert [one["component"] for one in report["lineage"]] == list(report["components"])
    assert all(one["peak_memory"] > 0 for one in report["components"].values())
    assert len(report["training"]) == 4
    found = report["diagnostics"]
    assert found["lists"] == found["of_lists"] == first_run.summary["counts"]["lists"]["eval"]
    lost = found["importance"]["lost"]
    # Taste lies in text_match, and the model learns it; nothing hangs on the hour.
    assert lost["text_match"]["click"]["low"] > 0
    assert lost["text_match"]["click"]["value"] > lost["hour"]["click"]["value"]
    overall = first_run.summary["metrics"]["slices"][0]["targets"]
    for task in TASKS:
        calibration = found["calibration"][task]
        assert calibration["items"] == sum(one["items"] for one in calibration["bins"])
        assert calibration["items"] == overall[task]["labelled_items"]
        for side in ("predicted", "observed"):
            assert calibration[side] == pytest.approx(overall[task][side]["value"], rel=1e-5)
    page = (first_run.output / "report.html").read_text()
    assert "✓ Blessed" in page
    for section in ("ranking", "importance", "calibration", "domestic", "training", "features"):
        assert f'<section id="{section}"' in page


def test_the_country_has_features_of_its_own_and_shifted_ones_depend_on_it(first_run: Run) -> None:
    split = first_run.summary["region_split"]
    assert split["country"] == ["country", "language"]
    assert "listing_country" in split["dependent"]
    assert "photo_quality" in split["invariant"]


def test_training_log_evaluator_and_scores_of_the_pushed_model_agree(
    first_run: Run, marketplace: Marketplace
) -> None:
    """One definition of NDCG: a NumPy re-score of the pushed model gives the Evaluator's figure."""
    dataset = load_dataset(str(marketplace.definition))
    source = source_for(dataset)
    files = source.files([str(marketplace.logs)])[-3:]
    rows = [canonical_rows(dataset, batch).rows for file in files for batch in source.read(file)]
    lists = group_rows(dataset, pa.concat_tables(rows))
    assert len(lists) == first_run.summary["counts"]["lists"]["eval"]
    outputs = ExportedModel(first_run.summary["paths"]["pushed_model"])(
        encode(lists), lists.row_lengths
    )
    labels = lists.items[keys.label("click")].to_numpy()
    values = list_ndcg(2**labels - 1, outputs["score"], lists.row_lengths, 10)
    found = first_run.summary["metrics"]["slices"][0]["targets"]["click"]
    assert found["rankings"]["score"]["ndcg@10"]["value"] == pytest.approx(
        np.nanmean(values), abs=1e-6
    )


def test_score_keeps_every_row_in_its_order(
    first_run: Run, marketplace: Marketplace, tmp_path: Path
) -> None:
    log = max(marketplace.logs.glob("*.parquet"))
    table = pq.read_table(log)
    shuffled = table.take(np.random.default_rng(1).permutation(table.num_rows))
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
    order = np.random.default_rng(1).permutation(table.num_rows)
    np.testing.assert_allclose(frame["score"], other[order], atol=1e-5)


def test_lists_of_500_are_ranked_by_a_model_trained_on_lists_of_25(
    first_run: Run, marketplace: Marketplace, record_property: Callable[[str, object], None]
) -> None:
    """Within-list inputs keep their meaning: the share of the way to the best order holds up."""
    dataset = load_dataset(str(marketplace.definition))
    shares = {}
    for items in (25, 500):
        config = SimulatorConfig(
            lists=200 if items == 25 else 40, seed=9, shortest_list=items, longest_list=items
        )
        lists = group_rows(dataset, canonical_tables(dataset, simulate(config)))
        outputs = ExportedModel(first_run.summary["paths"]["pushed_model"])(
            encode(lists), lists.row_lengths
        )
        truth = lists.items[keys.truth("click")].to_numpy()
        found = np.mean(list_ndcg(truth, outputs["score"], lists.row_lengths, 10))
        random = np.mean(random_ndcg(truth, lists.row_lengths, 10))
        shares[items] = (found - random) / (1 - random)
        record_property(f"expected click ndcg@10, lists of {items}", float(found))
    print(f"share of the way from random to best: {shares}")
    assert shares[500] > 0.5 * shares[25] > 0.1


def canonical_tables(dataset: Dataset, tables: Iterable[pa.Table]) -> pa.Table:
    rows = []
    for number, table in enumerate(tables):
        rows.append(canonical_rows(dataset, RowBatch(f"block {number:03d}", 1, table)).rows)
    return pa.concat_tables(rows)


@pytest.mark.reliability("fault")
def test_a_run_killed_in_training_goes_on_to_the_result_of_an_undisturbed_one(
    first_run: Run, marketplace: Marketplace, record_property: Callable[[str, object], None]
) -> None:
    output = marketplace.output.with_name("killed")
    kill_after(
        r"epoch 2/4",
        "run",
        "--dataset",
        marketplace.definition,
        "--input",
        marketplace.logs,
        "--output",
        output,
    )
    assert not (output / "summary.json").exists()
    run = run_pipeline(marketplace.definition, [marketplace.logs], output)
    assert run.code == first_run.code
    assert "epoch 2/4" not in run.screen
    assert "epoch 4/4" in run.screen
    assert "ListExampleGen" not in run.executed()
    expected, found = (one.summary["metrics"]["slices"] for one in (first_run, run))
    for before, after in zip(expected, found, strict=True):
        assert before["slice"] == after["slice"]
        for target, measured in before["targets"].items():
            value = measured["rankings"]["score"]["ndcg@10"]["value"]
            again = after["targets"][target]["rankings"]["score"]["ndcg@10"]["value"]
            assert again == (value if value is None else pytest.approx(value, abs=1e-6))
    record_property("tried", 1)
    record_property("outcome", "goes on from its last epoch, with the undisturbed run's metrics")


def test_an_unchanged_second_run_executes_nothing(first_run: Run, marketplace: Marketplace) -> None:
    versions = first_run.versions
    again = run_pipeline(marketplace.definition, [marketplace.logs], marketplace.output)
    assert again.code == 0
    assert again.executed() == []
    assert again.screen.count("cached") == len(NODES)
    assert again.versions == versions


def test_a_changed_definition_executes_what_depends_on_it(
    first_run: Run, marketplace: Marketplace
) -> None:
    marketplace.write_definition(epochs=1, learning_rate=0.0003)
    changed = run_pipeline(marketplace.definition, [marketplace.logs], marketplace.output)
    assert changed.executed() == ["Trainer", "Evaluator", "Pusher", "Diagnostics"]
    blessing = changed.summary["blessing"]
    assert blessing["baseline"]["state"] == "compared"
    change = changed.summary["metrics"]["slices"][0]["targets"]["graded"]
    assert change["rankings"]["score"]["ndcg@10"]["change"]["value"] < 0
    assert changed.code == (0 if blessing["blessed"] else 2)
    assert json.loads((changed.output / "summary.json").read_text())["version"] == 1
    if not blessing["blessed"]:
        assert changed.versions == first_run.versions
        assert "not blessed" in changed.screen
