"""One run with what a user's own logs may bring: partitions, dates, nested histories, own files."""

import datetime
import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from tests import processes
from tests.e2e.running import run_pipeline, seqmd
from tests.formats.expedia import searches

pytestmark = pytest.mark.thorough
DEFINITION = {
    "name": "hotels",
    "list_id": ["site_id", "srch_id"],
    "time": {"column": "date_time", "zone": "America/Denver"},
    "tasks": [
        {"name": "click", "column": "click_bool", "grade": 1},
        {"name": "booking", "column": "booking_bool", "grade": 5},
    ],
    "actions_imply_previous": False,
    "user": "user",
    "item": "prop_id",
    "history": {"at": "seen.time", "item": "seen.hotel", "age": "hours_ago"},
    "list_weight": "importance",
    "domestic": "prop_brand_bool",
    "randomised": "random_bool",
    "position": "position",
    "longest_training_list": 10,
    "split": {"by": "user"},
    "features": [
        {"name": "price", "column": "price_usd", "scope": "item", "kind": "numeric", "log": True},
        {"name": "score", "column": "prop_location_score2", "scope": "item", "kind": "numeric"},
        {"name": "stars", "column": "prop_starrating", "scope": "item", "kind": "bucketed"},
        {"name": "photo", "scope": "item", "kind": "vector", "length": 2},
        {"name": "seen_price", "scope": "history", "column": "seen.price", "like": "price"},
        {"name": "hours_ago", "scope": "history", "kind": "numeric", "log": True},
        {"name": "nights", "column": "srch_length_of_stay", "scope": "context", "kind": "numeric"},
    ],
    "model": {"ranker": "ple", "adaptor": "shared", "experts_per_task": 2},
    "training": {
        "epochs": 2,
        "lists_per_batch": 32,
        "task_losses": {"booking": {"losses": {"lambda": 1.0}, "weight": 2.0}},
    },
    "evaluation": {"smallest_slice": 20, "ndcg_at": [5]},
}


def write_days(folder: Path, days: int) -> None:
    """Searches of three sites in a Hive partition a day; a booking of the last day is unknown.

    What was seen before is in nested records, as BigQuery exports them; on the third day, nothing.
    """
    frame = searches(days * 120, hotels=12)
    frame["user"] = "user " + (frame["srch_id"] // 2).astype(str)
    frame["importance"] = 1.0 + frame["srch_id"] % 2
    frame["photo"] = [[float(stars), 1.0] for stars in frame["prop_starrating"]]
    day = (frame["srch_id"] - 1) // 120
    before = frame["date_time"] - pd.Timedelta(days=1)
    frame["seen"] = [
        [
            {"hotel": -1, "price": 80.0 + search % 40, "time": f"{time:%Y-%m-%d %H:%M:%S} UTC"}
            for _ in range(search % 4 if number != 2 else 0)
        ]
        for search, time, number in zip(frame["srch_id"], before, day, strict=True)
    ]
    frame["booking_bool"] = frame["booking_bool"].where(day < days - 1)
    for number, group in frame.groupby(day):
        date = datetime.date(2026, 1, 1) + datetime.timedelta(days=int(number))
        partition = folder / f"day={date}"
        partition.mkdir(parents=True)
        group.to_parquet(partition / "part-0.parquet", row_group_size=500)


def test_partitions_dates_evaluation_files_schema_and_beam_flags(tmp_path: Path) -> None:
    definition = tmp_path / "hotels.yaml"
    definition.write_text(yaml.safe_dump(DEFINITION))
    write_days(tmp_path / "logs", 5)
    write_days(tmp_path / "unread", 1)
    evaluated = tmp_path / "evaluated.parquet"
    (tmp_path / "logs" / "day=2026-01-05" / "part-0.parquet").rename(evaluated)
    words = ["--from", "2026-01-02", "--to", "2026-01-04", "--eval-input", str(evaluated)]
    flags = ["--beam-args=--direct_num_workers=1", "--pipeline-root", str(tmp_path / "root")]
    run = run_pipeline(definition, [tmp_path / "logs"], tmp_path / "output", *words, *flags)
    assert run.code in (0, 2), run.screen + run.errors
    counts = run.summary["counts"]
    assert counts["files"] == 3 + 1
    assert counts["rows_in"] == 4 * 120 * 12
    assert counts["rows_set_aside"] == 0
    assert counts["lists"]["eval"] == 120
    assert counts["lists_cut"] == counts["lists"]["train"]
    assert counts["items_cut"] == 2 * counts["lists_cut"]
    assert counts["positives"]["booking"]["eval"] == 0
    targets = run.summary["metrics"]["slices"][0]["targets"]
    assert targets["booking"]["rankings"]["score"]["ndcg@5"]["value"] is None
    assert targets["click"]["rankings"]["score"]["ndcg@5"]["value"] > 0
    model = run.summary["config"]["model"]
    assert (model["ranker"], model["descending"]) == ("ple", False)
    assert "descending probability: off" in run.screen

    assert not (tmp_path / "output" / "pipeline").exists()
    own = tmp_path / "own.pbtxt"
    own.write_text(_with_cheaper_prices(next((tmp_path / "root").rglob("schema.pbtxt"))))
    schema = ["--schema", str(own)]
    again = run_pipeline(
        definition, [tmp_path / "logs"], tmp_path / "output", *words, *flags, *schema
    )
    assert again.code == 1
    assert "price" in again.errors
    assert "anomalies that stop the run" in again.errors
    assert re.search("ListExampleGen +cached", again.screen)
    assert "Transform" not in again.screen

    other = run_pipeline(definition, [tmp_path / "logs"], tmp_path / "other", *words, *flags)
    assert other.code == 1
    assert f"found artifacts of {tmp_path / 'output'}, " in other.errors
    assert "Traceback" not in other.screen + other.errors


def _with_cheaper_prices(path: Path) -> str:
    """A schema in which no price is above 1."""
    schema = text_format.Parse(path.read_text(), schema_pb2.Schema())
    [price] = [feature for feature in schema.feature if feature.name == "price"]
    price.float_domain.max = 1
    return text_format.MessageToString(schema)


def test_a_run_that_fails_leaves_no_older_verdict(tmp_path: Path) -> None:
    """Two lists cannot be split in three: the fault is found once the run has begun."""
    definition = tmp_path / "hotels.yaml"
    definition.write_text(yaml.safe_dump(DEFINITION))
    write_days(tmp_path / "logs", 1)
    only = next((tmp_path / "logs").rglob("*.parquet"))
    pd.read_parquet(only).head(12).to_parquet(only)
    run = run_pipeline(definition, [tmp_path / "logs"], tmp_path / "output")
    assert run.code == 1
    assert "Traceback" not in run.errors
    written = json.loads((tmp_path / "output" / "summary.json").read_text())
    assert (written["status"], written["dataset"]["name"]) == ("failed", "hotels")
    assert "InputError" in written["error"]


def test_benchmarks_can_be_called_from_anywhere(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    for name in ("throughput", "models", "paper"):
        command = [sys.executable, str(root / "benchmarks" / f"{name}.py"), "--help"]
        done = processes.run(command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "--help" in done.stdout


def test_seqmd_is_a_command(tmp_path: Path) -> None:
    assert seqmd("simulate", "--lists", "20", "--output", tmp_path / "logs").returncode == 0
    assert (tmp_path / "logs.yaml").exists()
