"""What a user finds after a run of a small simulated marketplace."""

import json
import re
from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.artifacts.served_answer import ExportedModel
from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.encoding import encode
from data.lists.lists import group_rows
from data.loading import load_dataset
from data.metrics.list_metrics import list_ndcg, random_ndcg
from data.rows import canonical_rows
from data.simulator import SimulatorConfig, simulate
from data.sources import RowBatch, source_for
from tests.e2e.running import EPOCHS, NODES, SIMULATED, TASKS, Marketplace, Run


@pytest.fixture(scope="module")
def ranker(first_run: Run) -> ExportedModel:
    [version] = first_run.versions
    return ExportedModel(str(first_run.output / "serving_model" / version))


@pytest.fixture(scope="module")
def dataset(marketplace: Marketplace) -> Dataset:
    return load_dataset(str(marketplace.definition))


def test_it_is_blessed_and_says_all(first_run: Run) -> None:
    assert first_run.code == 0, first_run.screen + first_run.errors
    assert first_run.errors == ""
    for node in NODES:
        assert re.search(rf"{node} +[0-9.]+ s", first_run.screen), node
    for words in (
        f"epoch {EPOCHS}/{EPOCHS}",
        "validation: loss",
        "click",
        "blessed",
        "no model was blessed before",
    ):
        assert words in first_run.screen
    for noise in ("WARNING", "INFO", "tensorflow", "Traceback"):
        assert noise not in first_run.screen


def test_summary_holds_counts_metrics_and_verdict(first_run: Run, marketplace: Marketplace) -> None:
    summary = first_run.summary
    counts = summary["counts"]
    rows = sum(pq.read_metadata(path).num_rows for path in marketplace.logs.glob("*.parquet"))
    assert counts["rows_in"] == counts["rows_out"] + counts["rows_set_aside"] == rows
    assert sum(counts["lists"].values()) == SIMULATED.lists
    overall = summary["metrics"]["slices"][0]
    assert overall["slice"] == {}
    assert overall["lists"] == counts["lists"]["eval"]
    for task in TASKS:
        ndcg = overall["targets"][task]["rankings"]["score"]["ndcg@10"]
        assert ndcg["low"] < ndcg["value"] < ndcg["high"]
    assert summary["blessing"]["blessed"] is True
    assert summary["version"] == 1


def test_the_report_shows_the_run(first_run: Run) -> None:
    report = json.loads((first_run.output / "report.json").read_text())
    assert report["not_read"] == {}
    assert report["run"]["status"] == "blessed"
    assert report["metrics"] == first_run.summary["metrics"]
    assert [one["component"] for one in report["lineage"]] == list(report["components"])
    assert all(one["peak_memory"] > 0 for one in report["components"].values())
    assert len(report["training"]) == EPOCHS
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
    assert list(first_run.output.rglob("events.out.tfevents*"))
    assert len(found["pairs"]) == 3
    for pair in found["pairs"]:
        difference = pair["scores"][0] - pair["scores"][1]
        total = sum(one["share"] for one in pair["features"])
        assert abs(difference - total) <= 1e-3 * difference


def test_the_country_has_features_of_its_own_and_shifted_ones_depend_on_it(first_run: Run) -> None:
    split = first_run.summary["region_split"]
    assert split["country"] == ["country", "language"]
    assert "listing_country" in split["dependent"]
    assert "photo_quality" in split["invariant"]


def test_the_evaluator_and_scores_of_the_pushed_model_agree(
    first_run: Run, marketplace: Marketplace, dataset: Dataset, ranker: ExportedModel
) -> None:
    """One definition of NDCG: a NumPy re-score of the pushed model gives the Evaluator's figure."""
    source = source_for(dataset)
    files = source.files([str(marketplace.logs)])[-3:]
    rows = [canonical_rows(dataset, batch).rows for file in files for batch in source.read(file)]
    lists = group_rows(dataset, pa.concat_tables(rows))
    assert len(lists) == first_run.summary["counts"]["lists"]["eval"]
    outputs = ranker(encode(lists), lists.row_lengths)
    labels = lists.items[keys.label("click")].to_numpy()
    values = list_ndcg(2**labels - 1, outputs["score"], lists.row_lengths, 10)
    assert first_run.ndcg("click") == pytest.approx(np.nanmean(values), abs=1e-6)


def test_lists_of_500_are_ranked_by_a_model_trained_on_lists_of_25(
    dataset: Dataset, ranker: ExportedModel, record_property: Callable[[str, object], None]
) -> None:
    """Within-list inputs keep their meaning: the share of the way to the best order holds up."""
    shares = {}
    for items in (25, 500):
        config = SimulatorConfig(
            lists=200 if items == 25 else 40, seed=9, shortest_list=items, longest_list=items
        )
        lists = group_rows(dataset, canonical_tables(dataset, simulate(config)))
        outputs = ranker(encode(lists), lists.row_lengths)
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
