"""The routine of every day: two mornings, each on a window of days whose last ones are open."""

import datetime
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from data.simulator import SimulatorConfig, simulated_dataset, write_logs
from data.simulator.queries import FIRST_DAY
from tests.e2e.running import Run, run_pipeline

pytestmark = pytest.mark.thorough
WINDOWS = {"purchase": 3, "kept": 6}
DAYS = 11
FEATURES = ("country", "price", "text_match", "photo_quality")


def _definition(threshold: float) -> dict[str, Any]:
    """Journey Ranker learns in one epoch from closed windows and from open ones."""
    content = simulated_dataset(_seen_on(DAYS + 1))
    for task in content["tasks"]:
        if task["name"] in WINDOWS:
            task["matures_after"] = f"{WINDOWS[task['name']]}d"
    gate = {"against": "baseline", "largest_drop": 0.5}
    return content | {
        "seen_until": "newest",
        "country_features": ["country"],
        "features": [one for one in content["features"] if one["name"] in FEATURES],
        "region_split": {"on_change": "keep", "fewest_lists": 20, "threshold": threshold},
        "model": {"ranker": "journey", "level_units": [8], "tower_units": [4], "mask_units": [4]},
        "training": {"epochs": 1, "lists_per_batch": 64, "feedback": "survival"},
        "evaluation": {"smallest_slice": 10, "replicates": 20, "gates": [gate]},
    }


def _seen_on(morning: int) -> SimulatorConfig:
    return SimulatorConfig(
        lists=900,
        longest_list=12,
        late_feedback=True,
        refunds=True,
        delay_scale=0.4,
        seen_days=morning,
    )


def _write_days(folder: Path, morning: int) -> None:
    """A folder for each day, as the night's export leaves them: those of all days anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for path in write_logs(_seen_on(morning), folder.parent / "files"):
        partition = folder / f"day={path.stem}"
        partition.mkdir(parents=True)
        path.rename(partition / "part-0.parquet")


def _run(folder: Path, morning: int, threshold: float, *words: str) -> Run:
    """The run of a morning, on the eleven days before it; with the region split's threshold."""
    _write_days(folder / "logs", morning)
    definition = folder / "shop.yaml"
    definition.write_text(yaml.safe_dump(_definition(threshold)))
    first, last = (FIRST_DAY.date() + datetime.timedelta(morning - days) for days in (DAYS, 1))
    window = ["--from", str(first), "--to", str(last)]
    return run_pipeline(definition, [folder / "logs"], folder / "output", *window, *words)


def test_each_morning_goes_on_from_the_model_of_the_one_before(tmp_path: Path) -> None:
    run = _run(tmp_path, DAYS + 1, 0.0)
    assert run.code == 0, run.screen + run.errors
    assert "warm start: " not in run.screen
    (first,) = run.versions
    dependent = run.summary["region_split"]["dependent"]
    assert "price" in dependent
    # No distance is above 1, so that all features would be invariant now.
    model = str(tmp_path / "output" / "serving_model")
    run = _run(tmp_path, DAYS + 2, 1.0, "--warm-start", model)
    assert run.code == 0, run.screen + run.errors
    assert "on the side of the last run, where these logs would not put it" in run.screen
    assert run.summary["region_split"]["dependent"] == dependent
    assert "weights taken as they were" in run.screen
    for trouble in ("does not fit: ", "  new: ", "  left, since", "changed sides"):
        assert trouble not in run.screen
    assert "of what is expected of the training lists within" in run.screen
    assert run.summary["blessing"]["baseline"]["state"] == "compared"
    assert len(run.versions) == 2
    assert run.versions[0] == first
    counts = run.summary["counts"]
    days = sorted((tmp_path / "logs").iterdir())[-DAYS:]
    assert counts["files"] == DAYS
    assert counts["rows_in"] == sum(pq.read_metadata(next(day.iterdir())).num_rows for day in days)
    # About as many lists are shown each day; those of the last six, or three, are open.
    lists = sum(counts["lists"].values())
    for task, open_days in WINDOWS.items():
        still_open = sum(counts["lists_open"][task].values())
        assert still_open == pytest.approx(lists * open_days / DAYS, rel=0.25)
    assert 0 < run.ndcg("kept") <= 1
