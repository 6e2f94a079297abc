from benchmarks.reproduction import markdown
from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.tables import Row

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


def test_what_is_not_significant_is_marked() -> None:
    lines = markdown.changes(ROWS, "Three tasks").splitlines()
    assert "| shared_bottom | 60,100 | 61,200 | 30% | 0.5000 |" in lines
    assert "| ple | 59,900 | 61,200 | 30% | +2.00 [+1.00, +3.00] |" in lines
    assert "| seq | 60,000 | 61,200 | 30% | +0.10° [-1.00, +1.00] |" in lines
    assert "| trees |  |  |  | +0.20 [+0.10, +0.30] |" in lines


def test_slices_ways_and_actions_have_tables_of_their_own() -> None:
    sampled = Change(0.3, 0.05, 0.01, 0.09, 90)
    rows = [row._replace(by_actions=sampled) for row in ROWS]
    of_app = [row._replace(platform="app", way=0.2) for row in rows]
    text = markdown.whole([*rows, *of_app], "Three tasks")
    first, rest = text.split("On the lists of app:")
    assert "| ple | 59,900 |" in first
    assert "| ple | +2.00 [+1.00, +3.00] |" in rest
    assert "| ple | 40.0 |" in rest
    assert "| ple | 20.0 |" not in rest
    assert "| ple | +5.00 [+1.00, +9.00] |" in rest.split("by what was done")[1]


def test_models_that_are_judged_on_a_slice_alone_are_in_the_first_table() -> None:
    rows = [ROWS[0]._replace(platform="US"), ROWS[1]._replace(platform="GB")]
    text = markdown.whole(rows, "Regions")
    assert "| ple | 59,900 | 61,200 | 30% | +2.00 [+1.00, +3.00] |" in text.splitlines()
    assert "On the lists of" not in text
