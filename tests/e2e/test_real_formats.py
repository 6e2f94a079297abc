"""The pipeline on the formats of real logs: on files made here, and on the logs where they are."""

from pathlib import Path

import pytest

from tests.e2e.running import Run, run_pipeline
from tests.formats.expedia import write_searches
from tests.formats.google_store import acted, hit, session, shown, write

LOGS = Path(__file__).parents[3] / "shared" / "datasets"


def balanced(run: Run) -> dict:
    assert run.code in (0, 2), run.screen + run.errors
    counts = run.summary["counts"]
    assert counts["rows_in"] == counts["rows_out"] + counts["rows_set_aside"]
    return counts


def test_expedia(tmp_path: Path) -> None:
    write_searches(tmp_path / "train.csv", 700)
    with (tmp_path / "train.csv").open("a") as file:
        file.write("701,2013-03-17 10:00:00\n")
    run = run_pipeline("expedia", [tmp_path / "train.csv"], tmp_path / "output")
    counts = balanced(run)
    assert counts["rows_in"] == 700 * 12 + 1
    assert counts["rows_set_aside"] == 1
    assert sum(counts["positives"]["click"].values()) == 700
    slices = [part["slice"] for part in run.summary["metrics"]["slices"]]
    assert {"randomised": "true"} in slices
    assert {"region": "219"} in slices
    assert run.code == 0, run.summary["blessing"]["reason"]


def test_google_store(tmp_path: Path) -> None:
    """Visitors of three countries who open the bag, put it into the cart and buy it."""
    names = ["cap", "mug", "pen", "bag", "sock", "shirt"]
    sessions = []
    for number in range(600):
        order = names[number % 6 :] + names[: number % 6]
        hits = [hit("0", *(shown(name, 10**6 * (1 + len(name))) for name in order))]
        if number % 2 == 0:
            hits += [hit("2", acted("bag")), hit("3", acted("bag")), hit("6", acted("bag"))]
        country = ("Peru", "Chad", "Japan")[number % 3]
        sessions.append(session(str(number), *hits, country=country))
    run = run_pipeline("google_store", [Path(write(tmp_path, sessions))], tmp_path / "output")
    counts = balanced(run)
    assert counts["rows_in"] == 600 * 6
    assert sum(counts["positives"]["purchase"].values()) == 300
    assert {"region": "Chad"} in [part["slice"] for part in run.summary["metrics"]["slices"]]


@pytest.mark.parametrize(
    ("dataset", "file", "rows"),
    [
        ("expedia", "expedia_2013/searches_1000.csv", 25_149),
        ("google_store", "google_store/ga_sample.parquet", 31_589),
    ],
)
def test_real_logs(dataset: str, file: str, rows: int, tmp_path: Path) -> None:
    if not (LOGS / file).exists():
        pytest.skip(f"the real logs are not here: {file}")
    run = run_pipeline(dataset, [LOGS / file], tmp_path / "output")
    assert balanced(run)["rows_in"] == rows
    graded = run.summary["metrics"]["slices"][0]["targets"]["graded"]["rankings"]
    assert graded["score"]["ndcg@10"]["value"] > graded["random"]["ndcg@10"]["value"]
