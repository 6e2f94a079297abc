"""The pipeline on the formats of real logs: on the logs where they are, else on files made here."""

from pathlib import Path

import pytest

from tests.e2e.running import run_pipeline
from tests.formats import trivago
from tests.formats.expedia import write_searches
from tests.formats.google_store import write_visits

LOGS = Path(__file__).parents[3] / "shared" / "datasets"
# Files and rows of the real logs.
REAL = {
    "expedia": ("expedia_2013/searches_1000.csv", 25_149),
    "google_store": ("google_store/ga_sample.parquet", 31_589),
    "trivago": ("trivago_2019/sessions.parquet", 181_158),
}
MADE = 600

pytestmark = pytest.mark.thorough


def logs_of(dataset: str, folder: Path) -> tuple[Path, int]:
    """The file to read, and its rows."""
    file, rows = REAL[dataset]
    if (LOGS / file).exists():
        return LOGS / file, rows
    if dataset == "google_store":
        return write_visits(folder, MADE), MADE * 6
    if dataset == "trivago":
        steps = trivago.sessions(MADE)
        rows = sum(one.get("impressions", "").count("|") + ("impressions" in one) for one in steps)
        return Path(trivago.write(folder / "train.csv", steps)), rows
    write_searches(folder / "train.csv", MADE)
    return folder / "train.csv", MADE * 12


@pytest.mark.parametrize("dataset", list(REAL))
def test_a_run(dataset: str, tmp_path: Path) -> None:
    file, rows = logs_of(dataset, tmp_path)
    run = run_pipeline(dataset, [file], tmp_path / "output")
    assert run.code in (0, 2), run.screen + run.errors
    counts = run.summary["counts"]
    assert counts["rows_in"] == counts["rows_out"] + counts["rows_set_aside"] == rows
    assert run.ndcg("graded") > run.ndcg("graded", "random")
    slices = [set(part["slice"]) for part in run.summary["metrics"]["slices"]]
    assert {"region"} in slices
    assert ({"randomised"} in slices) == (dataset == "expedia")
