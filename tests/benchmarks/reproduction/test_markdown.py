from benchmarks.reproduction import markdown
from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.tables import Row


def test_what_is_not_significant_is_marked(rows: list[Row]) -> None:
    lines = markdown.changes(rows, "Three tasks").splitlines()
    assert "| shared_bottom | 60,100 | 61,200 | 30% | 0.5000 |" in lines
    assert "| ple | 59,900 | 61,200 | 30% | +2.00 [+1.00, +3.00] |" in lines
    assert "| seq | 60,000 | 61,200 | 30% | +0.10° [-1.00, +1.00] |" in lines
    assert "| trees |  |  |  | +0.20 [+0.10, +0.30] |" in lines


def test_slices_ways_and_actions_have_tables_of_their_own(rows: list[Row]) -> None:
    sampled = Change(0.3, 0.05, 0.01, 0.09, 90)
    rows = [row._replace(by_actions=sampled) for row in rows]
    of_app = [row._replace(platform="app", way=0.2) for row in rows]
    text = markdown.whole([*rows, *of_app], "Three tasks")
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
    text = markdown.whole(of_regions, "Regions")
    assert "| ple | 59,900 | 61,200 | 30% | +2.00 [+1.00, +3.00] |" in text.splitlines()
    assert "On the lists of" not in text
