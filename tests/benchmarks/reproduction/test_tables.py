import csv
import json
from pathlib import Path

from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.tables import Row, write_table

SIZES = {"parameters": 60_100.0, "multiply_adds": 61_200.0, "growth": 0.304}


def _row(model: str, change: Change, parameters: int) -> Row:
    sizes = {**SIZES, "parameters": float(parameters)}
    return Row(model, "shared_bottom", "click", "all", change, 0.4, None, sizes, 3)


ROWS = [
    _row("shared_bottom", Change(0.5, 0, 0, 0, 90), 60_100),
    _row("ple", Change(0.51, 0.02, 0.01, 0.03, 90), 59_900),
    _row("seq", Change(0.5, 0.001, -0.01, 0.01, 90), 60_000),
    _row("trees", Change(0.5, 0.002, 0.001, 0.003, 90), 0)._replace(sizes={}),
]


def test_all_three_forms_hold_the_same(tmp_path: Path) -> None:
    write_table(ROWS, tmp_path, "table3")
    figures = json.loads((tmp_path / "table3.json").read_text())
    assert figures[1]["model"] == "ple"
    assert (figures[1]["relative"], figures[1]["low"], figures[1]["high"]) == (0.02, 0.01, 0.03)
    assert (figures[1]["parameters"], figures[1]["seeds"]) == (59_900, 3)
    assert (figures[3]["parameters"], figures[1]["ndcg_by_actions"]) == (None, None)
    assert [row["significant"] for row in figures] == [False, True, False, True]
    with (tmp_path / "table3.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == [row["model"] for row in figures]
