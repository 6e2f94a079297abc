"""The routine of every day: a window of days whose last ones are open, from the served model on.

The model of the day before is that of test_first_run.py, of clicks and purchases alone.
"""

import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from data.simulator import SimulatorConfig, simulated_dataset, write_logs
from data.simulator.queries import FIRST_DAY
from tests.e2e.running import FEATURES, TASKS, Marketplace, Run, run_pipeline

pytestmark = pytest.mark.thorough
# The morning of the fourteenth day, and the days that are learnt from.
SEEN = SimulatorConfig(lists=900, late_feedback=True, refunds=True, seen_days=13)
FIRST, LAST = 2, 12


def _day(number: int) -> datetime.date:
    return FIRST_DAY.date() + datetime.timedelta(days=number)


def _write_days(folder: Path) -> None:
    """A folder for each day, as the night's export leaves them."""
    for path in write_logs(SEEN, folder / "files"):
        partition = folder / "logs" / f"day={path.stem}"
        partition.mkdir(parents=True)
        path.rename(partition / "part-0.parquet")


def _definition(first: Run) -> dict:
    """Clicks and purchases as the first run knows them, and purchases that are kept."""
    content = simulated_dataset(SEEN)
    windows = {"purchase": "3d", "kept": "6d"}
    tasks = [task for task in content["tasks"] if task["name"] in (*TASKS, "kept")]
    content["tasks"] = [
        task | {"matures_after": windows[task["name"]]} if task["name"] in windows else task
        for task in tasks
    ]
    # Few lists would put features on other sides than those whose weights are taken.
    sides = first.summary["region_split"]
    content["features"] = [
        one | {"side": side}
        for one in content["features"]
        for side in ("dependent", "invariant")
        if one["name"] in FEATURES and one["name"] in sides[side]
    ] + [one for one in content["features"] if one["name"] in sides["country"]]
    training = {"epochs": 1, "lists_per_batch": 64, "feedback": "survival"}
    return {**content, "training": training, "evaluation": {"smallest_slice": 20}}


def test_a_day_goes_on_from_the_model_of_the_day_before(
    first_run: Run, marketplace: Marketplace, tmp_path: Path
) -> None:
    _write_days(tmp_path)
    definition = tmp_path / "shop.yaml"
    definition.write_text(yaml.safe_dump(_definition(first_run)))
    words = ["--from", str(_day(FIRST)), "--to", str(_day(LAST))]
    words += ["--warm-start", str(first_run.output / "serving_model")]
    run = run_pipeline(definition, [tmp_path / "logs"], tmp_path / "output", *words)
    assert run.code in (0, 2), run.screen + run.errors
    assert "warm start: " in run.screen
    assert "a new task starts as the mean of its neighbours" in run.screen
    assert "of what is to be expected of the training lists have been seen" in run.screen
    counts = run.summary["counts"]
    days = sorted((tmp_path / "logs").iterdir())[FIRST : LAST + 1]
    shown = sum(pq.read_metadata(next(day.iterdir())).num_rows for day in days)
    assert counts["files"] == len(days)
    assert counts["rows_in"] == shown
    # Windows of six days leave five of the eleven closed; those of three days leave eight.
    lists = sum(counts["lists"].values())
    still_open = {task: sum(of.values()) for task, of in counts["lists_open"].items()}
    assert 0.4 * lists < still_open["kept"] < 0.7 * lists
    assert 0.15 * lists < still_open["purchase"] < 0.4 * lists
    assert run.ndcg("kept") > 0
