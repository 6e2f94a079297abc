import csv
import json
import math
from pathlib import Path

import pytest

from benchmarks.laboratory.tables import Row, short_table, whole_table, write_table
from data.metrics.changes import Change


def test_what_cannot_be_measured_is_null_and_said(rows: list[Row], tmp_path: Path) -> None:
    nothing = Change(math.nan, math.nan, math.nan, math.nan, 0)
    rare = [row._replace(task="purchase", change=nothing, way=math.nan) for row in rows]
    write_table([*rows, *rare], tmp_path, "table3")
    assert "NaN" not in (tmp_path / "table3.json").read_text()
    figures = json.loads((tmp_path / "table3.json").read_text())
    assert [row["relative"] for row in figures[4:]] == [None] * 4
    assert whole_table([*rows, *rare], "Table 3").count("not measurable") == 2 * 4


def test_all_three_forms_hold_the_same(rows: list[Row], tmp_path: Path) -> None:
    write_table(rows, tmp_path, "table3")
    figures = json.loads((tmp_path / "table3.json").read_text())
    assert figures[1]["model"] == "ple"
    assert (figures[1]["relative"], figures[1]["low"], figures[1]["high"]) == (0.02, 0.01, 0.03)
    assert (figures[1]["parameters"], figures[1]["seeds"]) == (59_900, 3)
    assert (figures[3]["parameters"], figures[1]["ndcg_by_actions"]) == (None, None)
    assert [row["significant"] for row in figures] == [False, True, False, True]
    with (tmp_path / "table3.csv").open() as file:
        written = list(csv.DictReader(file))
    assert [row["model"] for row in written] == [row["model"] for row in figures]


def test_no_change_is_measured_where_the_other_one_reaches_nothing(
    rows: list[Row], tmp_path: Path
) -> None:
    change = Change(0.5, math.nan, math.nan, math.nan, 3)
    write_table([row._replace(change=change, way=-math.inf) for row in rows], tmp_path, "table3")
    figures = json.loads((tmp_path / "table3.json").read_text(), parse_constant=pytest.fail)
    assert {(row["relative"], row["way"], row["ndcg"]) for row in figures} == {(None, None, 0.5)}
    cells = short_table([row._replace(change=change) for row in rows], "Table 3")
    assert "| shared_bottom | 60,100 | 61,200 | 30% | 0.5000 |" in cells
    assert cells.count("not measurable") == 3


def test_what_is_not_significant_is_marked(rows: list[Row]) -> None:
    lines = short_table(rows, "Three tasks").splitlines()
    assert "| shared_bottom | 60,100 | 61,200 | 30% | 0.5000 |" in lines
    assert "| ple | 59,900 | 61,200 | 30% | +2.00 [+1.00, +3.00] |" in lines
    assert "| seq | 60,000 | 61,200 | 30% | +0.10° [-1.00, +1.00] |" in lines
    assert "| trees |  |  |  | +0.20 [+0.10, +0.30] |" in lines


def test_slices_ways_and_actions_have_tables_of_their_own(rows: list[Row]) -> None:
    sampled = Change(0.3, 0.05, 0.01, 0.09, 90)
    rows = [row._replace(by_actions=sampled) for row in rows]
    of_app = [row._replace(platform="app", way=0.2) for row in rows]
    text = whole_table([*rows, *of_app], "Three tasks")
    first, rest = text.split("On the lists of app:")
    assert "| ple | 59,900 |" in first
    assert "| ple | +2.00 [+1.00, +3.00] |" in rest
    assert "| ple | 40.0 |" in rest
    assert "| ple | 20.0 |" not in rest
    assert "| ple | +5.00 [+1.00, +9.00] |" in rest.split("by what was done")[1]


def test_models_that_are_judged_on_a_slice_alone_are_in_the_first_table(
    rows: list[Row],
) -> None:
    of_regions = [rows[0]._replace(platform="US"), rows[1]._replace(platform="GB")]
    text = whole_table(of_regions, "Regions")
    assert "| ple | 59,900 | 61,200 | 30% | +2.00 [+1.00, +3.00] |" in text.splitlines()
    assert "On the lists of" not in text
