"""Lists of the formats of real logs, from files that are made here."""

from pathlib import Path

from data.loading import load_dataset
from tests.components.list_example_gen.shop import Run
from tests.formats import trivago
from tests.formats.expedia import write_searches
from tests.formats.google_store import write_visits


def test_expedia(tmp_path: Path) -> None:
    write_searches(tmp_path / "train.csv", 200)
    with (tmp_path / "train.csv").open("a") as file:
        file.write("201,2013-03-17 10:00:00\n")
    counts = Run(tmp_path).do(load_dataset("expedia"), [tmp_path / "train.csv"]).counts
    assert counts.rows_in == counts.rows_out + counts.rows_set_aside == 200 * 12 + 1
    assert counts.rows_set_aside == 1
    assert sum(counts.positives["click"].values()) == 200


def test_google_store(tmp_path: Path) -> None:
    written = write_visits(tmp_path, 120)
    counts = Run(tmp_path).do(load_dataset("google_store"), [written]).counts
    assert counts.rows_in == counts.rows_out == 120 * 6
    # Every other visitor buys.
    assert sum(counts.positives["purchase"].values()) == 60


def test_trivago(tmp_path: Path) -> None:
    steps = trivago.sessions(120)
    written = Path(trivago.write(tmp_path / "train.csv", [*steps, trivago.step("last", 1, "", "")]))
    counts = Run(tmp_path).do(load_dataset("trivago"), [written]).counts
    pages = [one["impressions"] for one in steps if "impressions" in one]
    assert counts.rows_in - counts.rows_set_aside == counts.rows_out
    assert counts.rows_out == sum(len(page.split("|")) for page in pages)
    assert counts.rows_set_aside == 1
    assert sum(counts.lists.values()) == len(pages)
    assert sum(counts.positives["clickout"].values()) == len(pages)
