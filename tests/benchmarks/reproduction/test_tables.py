import csv
import json
from pathlib import Path

from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.tables import Row, write_table

ROWS = [
    Row("shared_bottom", "shared_bottom", "click", "all", Change(0.5, 0, 0, 0, 90), 60_100, 3),
    Row("ple", "shared_bottom", "click", "all", Change(0.51, 0.02, 0.01, 0.03, 90), 59_900, 3),
    Row("seq", "shared_bottom", "click", "all", Change(0.5, 0.001, -0.01, 0.01, 90), 60_000, 3),
]


def test_all_three_forms_hold_the_same(tmp_path: Path) -> None:
    markdown = write_table(ROWS, tmp_path, "table3", "Three tasks")
    figures = json.loads((tmp_path / "table3.json").read_text())
    assert figures[1]["model"] == "ple"
    assert (figures[1]["relative"], figures[1]["low"], figures[1]["high"]) == (0.02, 0.01, 0.03)
    assert (figures[1]["parameters"], figures[1]["seeds"]) == (59_900, 3)
    assert [row["significant"] for row in figures] == [False, True, False]
    with (tmp_path / "table3.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == [row["model"] for row in figures]
    assert (tmp_path / "table3.md").read_text() == markdown


def test_markdown_marks_what_is_not_significant(tmp_path: Path) -> None:
    lines = write_table(ROWS, tmp_path, "table3", "Three tasks").splitlines()
    assert "| shared_bottom | 60,100 | 0.5000 |" in lines
    assert "| ple | 59,900 | +2.00 [+1.00, +3.00] |" in lines
    assert "| seq | 60,000 | +0.10° [-1.00, +1.00] |" in lines
